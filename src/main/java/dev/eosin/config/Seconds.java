package dev.eosin.config;

import java.math.BigDecimal;

/// A time, written `30 s`.
///
/// @param value at least 0, finite
@WrittenAs(pattern = Quantity.DECIMAL + " *s", example = "30 s")
public record Seconds(double value) {
  /// @throws IllegalArgumentException when `value` is negative or not finite
  public Seconds {
    if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("'" + value + " s' is not a time of at least 0 s");
    }
    value = value + 0.0; // -0.0 would be another record than 0.0
  }

  /// Reads `30 s` or `0.5 s`.
  public static Seconds parse(String text) {
    return new Seconds(Quantity.parse(text, "30 s", "s").number().doubleValue());
  }

  @Override
  public String toString() {
    BigDecimal number = BigDecimal.valueOf(value).stripTrailingZeros();
    boolean plain = number.scale() >= 0 && number.scale() <= 10;
    return (plain ? number.toPlainString() : number.toString()) + " s";
  }
}
