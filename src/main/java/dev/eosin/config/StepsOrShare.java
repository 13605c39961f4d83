package dev.eosin.config;

/// A number of steps, absolute (`500 steps`) or as a share of the run (`3 %`).
@WrittenAs(
    pattern = Quantity.WHOLE + " *steps?|" + Quantity.DECIMAL + " *%",
    example = {"500 steps", "3 %"})
public sealed interface StepsOrShare permits Steps, Share {
  /// The number of steps in a run of `total` steps.
  Steps of(Steps total);

  /// Reads `500 steps` or `3 %`.
  static StepsOrShare parse(String text) {
    if (text.endsWith("%") || Share.isFraction(text)) {
      return Share.parse(text);
    }
    try {
      return Steps.parse(text);
    } catch (IllegalArgumentException problem) {
      throw new IllegalArgumentException(problem.getMessage() + " or '3 %'", problem);
    }
  }
}
