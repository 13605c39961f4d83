package dev.eosin.eval;

import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/// Percentile bootstrap (Efron 1979) of classification metrics at 95 %.
///
/// Rows of one group (slide, patient, original tile) are drawn together, since they are not
/// independent; a row without a group is drawn alone. A pure function of key, rows and order: a
/// resample draws the same units at every step of a run, so steps can be compared.
public final class Bootstrap {
  private final RandomKey key;
  private final int classes;
  private final int resamples;
  private final int[][] cellsOfUnit;

  /// Prepares the rows.
  ///
  /// @param resamples at least 1; 1,000 is usual
  /// @param truth `[n]` true classes, n at least 1
  /// @param predicted `[n]` predicted classes
  /// @param groups `[n]` the rows' groups
  /// @param classes number of classes
  public Bootstrap(
      RandomKey key,
      int resamples,
      int[] truth,
      int[] predicted,
      List<Optional<String>> groups,
      int classes) {
    if (resamples < 1 || truth.length == 0 || groups.size() != truth.length) {
      throw new IllegalArgumentException(
          "%d resamples of %d rows with %d groups: all must be at least 1 and the last two equal"
              .formatted(resamples, truth.length, groups.size()));
    }
    this.key = key;
    this.resamples = resamples;
    this.classes = classes;
    this.cellsOfUnit = cellsOfUnit(truth, predicted, groups, classes);
  }

  private static int[][] cellsOfUnit(
      int[] truth, int[] predicted, List<Optional<String>> groups, int classes) {
    Map<String, List<Integer>> byGroup = new LinkedHashMap<>();
    List<int[]> units = new ArrayList<>();
    for (int row = 0; row < truth.length; row++) {
      int cell = ConfusionMatrix.cell(truth[row], predicted[row], classes);
      Optional<String> group = groups.get(row);
      if (group.isPresent()) {
        byGroup.computeIfAbsent(group.get(), name -> new ArrayList<>()).add(cell);
      } else {
        units.add(new int[] {cell});
      }
    }
    byGroup.values().forEach(c -> units.add(c.stream().mapToInt(Integer::intValue).toArray()));
    return units.toArray(int[][]::new);
  }

  /// How many units are drawn: groups, and rows without a group.
  public int units() {
    return cellsOfUnit.length;
  }

  /// The 2.5 and 97.5 percentiles of a metric over the resamples, linearly interpolated.
  public Interval interval(ToDoubleFunction<ConfusionMatrix> metric) {
    double[] values = new double[resamples];
    for (int resample = 0; resample < resamples; resample++) {
      values[resample] = metric.applyAsDouble(draw(resample));
    }
    return Interval.of(values);
  }

  private ConfusionMatrix draw(int resample) {
    RandomStream random = key.stream(RandomKey.Purpose.BOOTSTRAP, 0, resample);
    long[] cells = new long[classes * classes];
    for (int i = 0; i < cellsOfUnit.length; i++) {
      for (int cell : cellsOfUnit[random.nextInt(cellsOfUnit.length)]) {
        cells[cell]++;
      }
    }
    return ConfusionMatrix.ofCells(cells, classes);
  }
}
