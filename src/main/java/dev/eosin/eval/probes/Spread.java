package dev.eosin.eval.probes;

import java.util.Arrays;

/// How numbers of several runs, draws or prompts lie.
///
/// @param mean of them
/// @param deviation of a sample, which divides by n - 1; NaN of a single one
/// @param min the smallest
/// @param max the largest
public record Spread(double mean, double deviation, double min, double max) {
  /// @param values at least one
  /// @throws IllegalArgumentException for none
  public static Spread of(double[] values) {
    if (values.length == 0) {
      throw new IllegalArgumentException("a spread of no numbers");
    }
    double mean = Arrays.stream(values).average().orElseThrow();
    double squares = Arrays.stream(values).map(x -> (x - mean) * (x - mean)).sum();
    return new Spread(
        mean,
        values.length == 1 ? Double.NaN : Math.sqrt(squares / (values.length - 1)),
        Arrays.stream(values).min().orElseThrow(),
        Arrays.stream(values).max().orElseThrow());
  }
}
