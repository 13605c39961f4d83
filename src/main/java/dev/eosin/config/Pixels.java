package dev.eosin.config;

/// A length on an image, written `224 px`.
///
/// @param value at least 1
@WrittenAs(pattern = Quantity.WHOLE + " *px", example = "224 px")
public record Pixels(int value) {
  /// @throws IllegalArgumentException when `value` is less than 1
  public Pixels {
    if (value < 1) {
      throw new IllegalArgumentException("'" + value + " px' is not at least 1 px");
    }
  }

  /// Reads `224 px`.
  public static Pixels parse(String text) {
    long value = Quantity.parse(text, "224 px", "px").whole();
    if (value > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("'" + text + "' is too many pixels");
    }
    return new Pixels((int) value);
  }

  @Override
  public String toString() {
    return value + " px";
  }
}
