package dev.eosin.eval.probes;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// A logistic regression of two classes for each of several labels.
///
/// @param labels one for each
public record MultiLabelRegression(List<LogisticRegression> labels) {
  public MultiLabelRegression {
    labels = List.copyOf(labels);
  }

  /// Fits.
  ///
  /// @param vectors `[n][c]`
  /// @param truth [n][labels]; of each label some rows have it, some have not
  /// @param c as [LogisticRegression#fit]
  /// @param tolerance as there
  /// @throws IllegalArgumentException for a label that all rows have, or none
  public static MultiLabelRegression fit(
      double[][] vectors, boolean[][] truth, double c, double tolerance) {
    return new MultiLabelRegression(
        IntStream.range(0, truth[0].length)
            .mapToObj(
                label -> {
                  int[] classes =
                      Arrays.stream(truth).mapToInt(row -> row[label] ? 1 : 0).toArray();
                  return LogisticRegression.fit(
                      LogisticRegression.Rows.equal(vectors, classes, 2), c, tolerance);
                })
            .toList());
  }

  /// The logit of each label; above 0 where it is more likely than not.
  ///
  /// @param vector `[c]`
  public double[] scores(double[] vector) {
    return labels.stream()
        .mapToDouble(
            each ->
                each.intercepts()[0] + LogisticRegression.dot(each.coefficients()[0], 0, vector))
        .toArray();
  }
}
