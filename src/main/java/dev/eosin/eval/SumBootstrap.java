package dev.eosin.eval;

import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/// Percentile bootstrap (Efron 1979) at 95 % of figures that are functions of sums, such as means.
///
/// Units (pictures, patients) are drawn whole, since what belongs to one is not independent. A pure
/// function of key, units and order; as many units are drawn alike as [Bootstrap] draws them.
public final class SumBootstrap {
  private final double[][] resampled;
  private final int units;

  /// Draws the resamples.
  ///
  /// @param resamples at least 1; 1,000 is usual
  /// @param sums of each unit, at least one and all of one width
  public SumBootstrap(RandomKey key, int resamples, List<double[]> sums) {
    if (resamples < 1 || sums.isEmpty()) {
      throw new IllegalArgumentException(
          "%d resamples of %d units: both must be at least 1".formatted(resamples, sums.size()));
    }
    units = sums.size();
    double[][] drawnFrom = sums.toArray(double[][]::new);
    resampled = new double[resamples][];
    for (int resample = 0; resample < resamples; resample++) {
      resampled[resample] = drawn(key.stream(RandomKey.Purpose.BOOTSTRAP, 0, resample), drawnFrom);
    }
  }

  private static double[] drawn(RandomStream random, double[][] sums) {
    double[] total = new double[sums[0].length];
    for (int i = 0; i < sums.length; i++) {
      double[] unit = sums[random.nextInt(sums.length)];
      for (int j = 0; j < total.length; j++) {
        total[j] += unit[j];
      }
    }
    return total;
  }

  /// The 2.5 and 97.5 percentiles of a figure over the resamples in which it is a number; empty
  /// where it is one in none, and for a single unit, which says nothing of others.
  public Optional<Interval> interval(ToDoubleFunction<double[]> figure) {
    double[] values =
        Arrays.stream(resampled)
            .mapToDouble(figure)
            .filter(value -> !Double.isNaN(value))
            .toArray();
    return units < 2 || values.length == 0 ? Optional.empty() : Optional.of(Interval.of(values));
  }
}
