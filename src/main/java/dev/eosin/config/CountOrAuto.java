package dev.eosin.config;

/// A number of something (threads, workers) or `auto`, where Eosin chooses.
///
/// Only for what cannot change a result beyond rounding.
@WrittenAs(
    pattern = Quantity.WHOLE + "|auto",
    example = {"auto", "4"},
    orNumber = true)
public sealed interface CountOrAuto {
  /// A chosen number.
  ///
  /// @param value at least 0
  record Count(int value) implements CountOrAuto {
    /// @throws IllegalArgumentException when `value` is negative
    public Count {
      if (value < 0) {
        throw new IllegalArgumentException("'" + value + "' is negative");
      }
    }

    @Override
    public String toString() {
      return Integer.toString(value);
    }
  }

  /// Eosin chooses.
  record Auto() implements CountOrAuto {
    @Override
    public String toString() {
      return "auto";
    }
  }

  /// The chosen number, or what `chosen` would be.
  default int or(int chosen) {
    return switch (this) {
      case Count(int value) -> value;
      case Auto() -> chosen;
    };
  }

  /// Reads `4` or `auto`.
  static CountOrAuto parse(String text) {
    if (text.equals("auto")) {
      return new Auto();
    }
    if (!text.matches(Quantity.WHOLE) || text.length() > 12) {
      throw new IllegalArgumentException("'" + text + "' is neither a whole number nor 'auto'");
    }
    long value = Long.parseLong(text.replace("_", ""));
    if (value > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("'" + text + "' is too large");
    }
    return new Count((int) value);
  }
}
