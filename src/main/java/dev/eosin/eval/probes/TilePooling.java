package dev.eosin.eval.probes;

import java.util.Arrays;

/// Scores of a slide out of those of its tiles.
public final class TilePooling {
  private TilePooling() {}

  /// For each class the mean of the j tiles of largest score (MI-Zero: Lu et al. 2023).
  ///
  /// @param scores of the tiles `[n][k]`, n at least 1
  /// @param j how many; all where there are fewer
  public static double[] top(double[][] scores, int j) {
    int classes = scores[0].length;
    double[] pooled = new double[classes];
    int most = Math.min(j, scores.length);
    for (int label = 0; label < classes; label++) {
      int of = label;
      double[] own = Arrays.stream(scores).mapToDouble(tile -> tile[of]).sorted().toArray();
      for (int i = own.length - most; i < own.length; i++) {
        pooled[label] += own[i] / most;
      }
    }
    return pooled;
  }

  /// The mean of vectors, such as features of a slide's tiles.
  ///
  /// @param vectors `[n][c]`, n at least 1
  public static double[] mean(double[][] vectors) {
    double[] mean = new double[vectors[0].length];
    for (double[] vector : vectors) {
      for (int i = 0; i < mean.length; i++) {
        mean[i] += vector[i] / vectors.length;
      }
    }
    return mean;
  }
}
