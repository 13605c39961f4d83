package dev.eosin.eval.probes;

import java.util.Comparator;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/// The area under the curve of precision over recall, as a sum over thresholds without
/// interpolation: the mean precision at which each further share of the positive rows is found.
/// Rows of equal score come together, as in scikit-learn's `average_precision_score`.
public final class AveragePrecision {
  private AveragePrecision() {}

  /// @param scores of the rows `[n]`
  /// @param positive which of them are of the class `[n]`
  /// @return empty where no row is
  public static OptionalDouble of(double[] scores, boolean[] positive) {
    int[] order =
        IntStream.range(0, scores.length)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer row) -> scores[row]).reversed())
            .mapToInt(Integer::intValue)
            .toArray();
    long all = IntStream.range(0, positive.length).filter(row -> positive[row]).count();
    if (all == 0) {
      return OptionalDouble.empty();
    }
    double sum = 0;
    long found = 0;
    int next = 0;
    while (next < order.length) {
      double score = scores[order[next]];
      long before = found;
      for (; next < order.length && scores[order[next]] == score; next++) {
        found += positive[order[next]] ? 1 : 0;
      }
      sum += (found - before) * ((double) found / next);
    }
    return OptionalDouble.of(sum / all);
  }
}
