package dev.eosin.config;

/// A number of optimiser updates, written `500 steps`.
///
/// @param value at least 0
@WrittenAs(pattern = Quantity.WHOLE + " *steps?", example = "500 steps")
public record Steps(long value) implements StepsOrShare {
  /// @throws IllegalArgumentException when `value` is negative
  public Steps {
    if (value < 0) {
      throw new IllegalArgumentException("'" + value + " steps' is negative");
    }
  }

  /// Reads `500 steps` or `1 step`.
  public static Steps parse(String text) {
    return new Steps(Quantity.parse(text, "500 steps", "steps", "step").whole());
  }

  @Override
  public Steps of(Steps total) {
    return this;
  }

  @Override
  public String toString() {
    return value == 1 ? "1 step" : value + " steps";
  }
}
