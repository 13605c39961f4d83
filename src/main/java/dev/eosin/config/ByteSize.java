package dev.eosin.config;

import java.math.BigDecimal;
import java.math.RoundingMode;

/// A size on disk, written `200 GB`: a megabyte (MB) is a million bytes, a gigabyte (GB) and a
/// terabyte (TB) a thousand times the one before.
///
/// @param bytes at least 1
@WrittenAs(pattern = Quantity.DECIMAL + " *(MB|GB|TB)", example = "200 GB")
public record ByteSize(long bytes) {
  private static final int MEGABYTE_DIGITS = 6;
  private static final int GIGABYTE_DIGITS = 9;
  private static final int TERABYTE_DIGITS = 12;
  private static final BigDecimal LARGEST = BigDecimal.valueOf(Long.MAX_VALUE);

  /// @throws IllegalArgumentException when `bytes` is below 1
  public ByteSize {
    if (bytes < 1) {
      throw new IllegalArgumentException("'%d bytes' is not a size above 0".formatted(bytes));
    }
  }

  /// Reads `200 GB`, `1.5 TB`, `500 MB`; a part of a byte is rounded up.
  public static ByteSize parse(String text) {
    Quantity quantity = Quantity.parse(text, "200 GB", "MB", "GB", "TB");
    int digits =
        switch (quantity.unit()) {
          case "MB" -> MEGABYTE_DIGITS;
          case "GB" -> GIGABYTE_DIGITS;
          default -> TERABYTE_DIGITS;
        };
    BigDecimal bytes = quantity.number().movePointRight(digits);
    if (bytes.compareTo(LARGEST) > 0) {
      throw new IllegalArgumentException("'" + text + "' is larger than any disk");
    }
    return new ByteSize(bytes.setScale(0, RoundingMode.CEILING).longValueExact());
  }

  @Override
  public String toString() {
    BigDecimal exact = BigDecimal.valueOf(bytes);
    boolean small = bytes < BigDecimal.TEN.pow(GIGABYTE_DIGITS).longValueExact();
    BigDecimal number =
        exact.movePointLeft(small ? MEGABYTE_DIGITS : GIGABYTE_DIGITS).stripTrailingZeros();
    return number.toPlainString() + (small ? " MB" : " GB");
  }
}
