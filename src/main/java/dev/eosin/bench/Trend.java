package dev.eosin.bench;

import java.util.Arrays;
import java.util.List;

/// How a quantity changes over equal windows of a run, told by medians only, so that a window in
/// which the machine was busy with something else counts for nothing.
///
/// @param percent change over all windows, of the value at the first
record Trend(double percent) {
  /// The line of Theil and Sen: its slope is the median of the slopes between any two windows, its
  /// height the median of the heights that this slope gives.
  ///
  /// Source: P. K. Sen, Estimates of the regression coefficient based on Kendall's tau, 1968.
  ///
  /// @param windows at least two values
  static Trend of(List<Double> windows) {
    int count = windows.size();
    double[] slopes = new double[count * (count - 1) / 2];
    int next = 0;
    for (int second = 1; second < count; second++) {
      for (int first = 0; first < second; first++) {
        slopes[next++] = (windows.get(second) - windows.get(first)) / (second - first);
      }
    }
    double slope = median(slopes);
    double[] heights = new double[count];
    for (int window = 0; window < count; window++) {
      heights[window] = windows.get(window) - slope * window;
    }
    return new Trend(100 * slope * (count - 1) / median(heights));
  }

  /// The middle value; of an even number, the mean of the middle two.
  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
