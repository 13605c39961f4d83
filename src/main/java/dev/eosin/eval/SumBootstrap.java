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
///
/// Where every sum belongs to two units at once, such as a picture that is asked about and another
/// that is shown, both are drawn, independently of each other, and a sum counts as often as its two
/// units came up together (Owen, The pigeonhole bootstrap, 2007): drawing the first alone would
/// take the others that happened to be shown for all there are.
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

  private SumBootstrap(double[][] resampled, int units) {
    this.resampled = resampled;
    this.units = units;
  }

  /// What one unit and one of the others have together.
  ///
  /// @param unit from 0
  /// @param other from 0, of the other units
  /// @param sums all of one width
  public record Cell(int unit, int other, double[] sums) {}

  /// Draws units and others of sums that belong to one of each.
  ///
  /// @param cells at least one
  public static SumBootstrap crossed(RandomKey key, int resamples, List<Cell> cells) {
    if (resamples < 1 || cells.isEmpty()) {
      throw new IllegalArgumentException(
          "%d resamples of %d cells: both must be at least 1".formatted(resamples, cells.size()));
    }
    int units = 1 + cells.stream().mapToInt(Cell::unit).max().orElseThrow();
    int others = 1 + cells.stream().mapToInt(Cell::other).max().orElseThrow();
    double[][] resampled = new double[resamples][];
    for (int resample = 0; resample < resamples; resample++) {
      int[] drawn = counts(key.stream(RandomKey.Purpose.BOOTSTRAP, 0, resample), units);
      int[] shown = counts(key.stream(RandomKey.Purpose.BOOTSTRAP, 1, resample), others);
      resampled[resample] = new double[cells.getFirst().sums().length];
      for (Cell cell : cells) {
        int times = drawn[cell.unit()] * shown[cell.other()];
        for (int j = 0; j < cell.sums().length; j++) {
          resampled[resample][j] += times * cell.sums()[j];
        }
      }
    }
    return new SumBootstrap(resampled, Math.min(units, others));
  }

  private static int[] counts(RandomStream random, int units) {
    int[] counts = new int[units];
    for (int i = 0; i < units; i++) {
      counts[random.nextInt(units)]++;
    }
    return counts;
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
