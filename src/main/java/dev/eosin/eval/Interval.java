package dev.eosin.eval;

import java.util.Arrays;

/// A confidence interval.
///
/// @param low lower end
/// @param high upper end
public record Interval(double low, double high) {
  private static final double TAIL = 0.025;

  /// The 2.5 and 97.5 percentiles, linearly interpolated.
  ///
  /// @param values of the resamples, at least one
  public static Interval of(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return new Interval(percentile(sorted, TAIL), percentile(sorted, 1 - TAIL));
  }

  private static double percentile(double[] sorted, double share) {
    double position = share * (sorted.length - 1);
    int below = (int) position;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
  }
}
