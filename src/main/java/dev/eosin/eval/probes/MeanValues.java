package dev.eosin.eval.probes;

import java.util.List;

/// Means of numbers that rows have.
///
/// @param names of the figures
/// @param numbers of each row; not a number where a figure is not about it [n][names]
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
public record MeanValues(List<String> names, double[][] numbers) implements Figures {
  public MeanValues {
    names = List.copyOf(names);
  }

  @Override
  public int rows() {
    return numbers.length;
  }

  @Override
  public double[] of(int[] times) {
    double[] means = new double[names.size()];
    for (int figure = 0; figure < means.length; figure++) {
      double sum = 0;
      long count = 0;
      for (int row = 0; row < times.length; row++) {
        double value = numbers[row][figure];
        if (times[row] > 0 && !Double.isNaN(value)) {
          sum += times[row] * value;
          count += times[row];
        }
      }
      means[figure] = count == 0 ? Double.NaN : sum / count;
    }
    return means;
  }
}
