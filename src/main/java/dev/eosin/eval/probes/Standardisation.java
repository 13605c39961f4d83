package dev.eosin.eval.probes;

import java.util.Arrays;

/// Mean and deviation of each feature of the rows that are learnt from.
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
public record Standardisation(double[] mean, double[] deviation) {
  /// Leaves everything as it is.
  public static Standardisation none(int width) {
    double[] ones = new double[width];
    Arrays.fill(ones, 1);
    return new Standardisation(new double[width], ones);
  }

  /// A feature of equal numbers stays as it is, but for its mean.
  ///
  /// @param all vectors `[n][c]`
  /// @param rows of them
  public static Standardisation of(float[][] all, int[] rows) {
    int width = all[0].length;
    double[] mean = new double[width];
    double[] square = new double[width];
    for (int row : rows) {
      for (int i = 0; i < width; i++) {
        mean[i] += all[row][i] / (double) rows.length;
      }
    }
    for (int row : rows) {
      for (int i = 0; i < width; i++) {
        double from = all[row][i] - mean[i];
        square[i] += from * from / rows.length;
      }
    }
    double[] deviation =
        Arrays.stream(square).map(value -> value > 0 ? Math.sqrt(value) : 1).toArray();
    return new Standardisation(mean, deviation);
  }

  /// Rows, standardised; those that are given stay as they are.
  ///
  /// @param rows `[n][c]`
  public double[][] applied(double[][] rows) {
    double[][] scaled = new double[rows.length][mean.length];
    for (int row = 0; row < rows.length; row++) {
      for (int i = 0; i < mean.length; i++) {
        scaled[row][i] = (rows[row][i] - mean[i]) / deviation[i];
      }
    }
    return scaled;
  }

  /// Some rows, standardised.
  double[][] scaled(float[][] all, int[] rows) {
    double[][] scaled = new double[rows.length][mean.length];
    for (int row = 0; row < rows.length; row++) {
      for (int i = 0; i < mean.length; i++) {
        scaled[row][i] = (all[rows[row]][i] - mean[i]) / deviation[i];
      }
    }
    return scaled;
  }
}
