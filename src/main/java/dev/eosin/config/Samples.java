package dev.eosin.config;

/// A number of training samples, written `100_000 samples`.
///
/// @param value at least 1
@WrittenAs(pattern = Quantity.WHOLE + " *samples?", example = "100_000 samples")
public record Samples(long value) {
  /// @throws IllegalArgumentException when `value` is below 1
  public Samples {
    if (value < 1) {
      throw new IllegalArgumentException("'" + value + " samples' is not at least 1");
    }
  }

  /// Reads `100_000 samples` or `1 sample`.
  public static Samples parse(String text) {
    return new Samples(Quantity.parse(text, "100_000 samples", "samples", "sample").whole());
  }

  @Override
  public String toString() {
    return value == 1 ? "1 sample" : value + " samples";
  }
}
