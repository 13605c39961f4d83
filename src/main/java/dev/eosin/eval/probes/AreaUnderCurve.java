package dev.eosin.eval.probes;

import java.util.Arrays;
import java.util.Comparator;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/// The area under the ROC curve of one class against the rest: how often a row of the class has the
/// higher score, ties counting half. The rows are sorted once, so that resamples are cheap.
public final class AreaUnderCurve {
  private final double[] scores;
  private final boolean[] positive;
  private final int[] order;

  /// @param scores of the rows `[n]`
  /// @param positive which of them are of the class `[n]`
  public AreaUnderCurve(double[] scores, boolean[] positive) {
    this.scores = scores.clone();
    this.positive = positive.clone();
    this.order =
        IntStream.range(0, scores.length)
            .boxed()
            .sorted(Comparator.comparingDouble(row -> scores[row]))
            .mapToInt(Integer::intValue)
            .toArray();
  }

  /// Of all rows.
  public OptionalDouble value() {
    int[] once = new int[scores.length];
    Arrays.fill(once, 1);
    return value(once);
  }

  /// Of rows that occur several times or not at all.
  ///
  /// @param times of each row `[n]`
  /// @return empty where no row of the class, or none of the rest, occurs
  public OptionalDouble value(int[] times) {
    double below = 0;
    double right = 0;
    double positives = 0;
    int first = 0;
    while (first < order.length) {
      double same = 0;
      double tied = 0;
      int next = first;
      for (; next < order.length && scores[order[next]] == scores[order[first]]; next++) {
        int row = order[next];
        if (positive[row]) {
          tied += times[row];
        } else {
          same += times[row];
        }
      }
      right += tied * (below + same / 2);
      positives += tied;
      below += same;
      first = next;
    }
    return positives == 0 || below == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(right / (positives * below));
  }
}
