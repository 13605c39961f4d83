package dev.eosin.eval.probes;

import java.util.Arrays;

/// Classifies by the cosine with each class's mean direction (Snell et al. 2017, with cosines).
public final class Prototypes {
  /// What cosines are multiplied with: the most that CLIP's own logit scale may be (Radford et al.
  /// 2021, section 2.5), since nothing here has learnt one.
  public static final double SCALE = 100;

  private final double[][] directions;

  /// @param vectors `[n][c]`, each of which counts by its direction alone
  /// @param classes of them `[n]`
  /// @param count of classes; each has a row
  public Prototypes(double[][] vectors, int[] classes, int count) {
    double[][] sums = new double[count][vectors[0].length];
    for (int row = 0; row < vectors.length; row++) {
      double[] unit = NearestNeighbours.unit(vectors[row]);
      double[] sum = sums[classes[row]];
      for (int i = 0; i < sum.length; i++) {
        sum[i] += unit[i];
      }
    }
    directions = Arrays.stream(sums).map(NearestNeighbours::unit).toArray(double[][]::new);
  }

  /// The softmax of [#SCALE] times the cosines, so that rows can be compared.
  ///
  /// @param asked `[m][c]`
  /// @return `[m][classes]`
  public double[][] shares(double[][] asked) {
    return Arrays.stream(cosines(asked))
        .map(row -> LabelScores.softmax(Arrays.stream(row).map(cosine -> SCALE * cosine).toArray()))
        .toArray(double[][]::new);
  }

  /// The cosine of each row with each class.
  ///
  /// @param asked `[m][c]`
  /// @return `[m][classes]`
  public double[][] cosines(double[][] asked) {
    return Arrays.stream(asked)
        .map(NearestNeighbours::unit)
        .map(
            unit ->
                Arrays.stream(directions)
                    .mapToDouble(direction -> LogisticRegression.dot(direction, 0, unit))
                    .toArray())
        .toArray(double[][]::new);
  }
}
