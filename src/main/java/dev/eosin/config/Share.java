package dev.eosin.config;

import java.math.BigDecimal;
import java.math.RoundingMode;

/// A part of a whole, written with a percent sign: `3 %` is the value 0.03.
///
/// @param value between 0 and 1, both included
@WrittenAs(pattern = Quantity.DECIMAL + " *%", example = "3 %")
public record Share(double value) implements StepsOrShare {
  /// @throws IllegalArgumentException when `value` is outside 0 to 1
  public Share {
    if (!(value >= 0 && value <= 1)) {
      throw new IllegalArgumentException("'" + value * 100 + " %' is not between 0 % and 100 %");
    }
    value = value + 0.0; // -0.0 would be another record than 0.0
  }

  /// Reads `3 %`; a bare fraction such as `0.03` is refused, because it reads as 0.03 % to some.
  public static Share parse(String text) {
    if (isFraction(text)) {
      Share meant = new Share(Double.parseDouble(text));
      throw new IllegalArgumentException(
          "'%s' has no unit; write '%s' for that part of the whole".formatted(text, meant));
    }
    return new Share(Quantity.parse(text, "3 %", "%").number().movePointLeft(2).doubleValue());
  }

  /// Whether a text is a part of one without a unit: `0.05`.
  static boolean isFraction(String text) {
    return text.matches("0?\\.[0-9]{1,9}") && Double.parseDouble(text) > 0;
  }

  /// This share of `total`, rounded up as Hugging Face's `warmup_ratio` is, so that a share above
  /// zero is at least one step.
  @Override
  public Steps of(Steps total) {
    BigDecimal exact = BigDecimal.valueOf(value).multiply(BigDecimal.valueOf(total.value()));
    return new Steps(exact.setScale(0, RoundingMode.CEILING).longValueExact());
  }

  @Override
  public String toString() {
    BigDecimal percent = BigDecimal.valueOf(value).movePointRight(2).stripTrailingZeros();
    return (percent.scale() > 10 ? percent.toString() : percent.toPlainString()) + " %";
  }
}
