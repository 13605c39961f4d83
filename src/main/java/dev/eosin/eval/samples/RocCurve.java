package dev.eosin.eval.samples;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/// The ROC curve of one class against the rest: a point for each score that occurs, from (0, 0) to
/// (1, 1). Rows of equal scores are passed together, so that the area below it counts ties half.
///
/// @param falsePositives shares of the others, rising `[points]`
/// @param truePositives shares of the class, rising `[points]`
@SuppressWarnings("ArrayRecordComponent") // drawn, never compared
public record RocCurve(double[] falsePositives, double[] truePositives) {
  /// Of rows.
  ///
  /// @param scores `[n]`
  /// @param positive whether a row is of the class `[n]`
  /// @return without points where a class has no row, or all
  public static RocCurve of(double[] scores, boolean[] positive) {
    Integer[] order = new Integer[scores.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparingDouble((Integer row) -> scores[row]).reversed());
    long own = 0;
    for (boolean each : positive) {
      own += each ? 1 : 0;
    }
    long others = scores.length - own;
    if (own == 0 || others == 0) {
      return new RocCurve(new double[0], new double[0]);
    }
    List<double[]> points = new ArrayList<>(List.of(new double[] {0, 0}));
    long rightly = 0;
    long wrongly = 0;
    for (int i = 0; i < order.length; i++) {
      rightly += positive[order[i]] ? 1 : 0;
      wrongly += positive[order[i]] ? 0 : 1;
      if (i + 1 == order.length || scores[order[i]] != scores[order[i + 1]]) {
        points.add(new double[] {(double) wrongly / others, (double) rightly / own});
      }
    }
    return of(points);
  }

  private static RocCurve of(List<double[]> points) {
    return new RocCurve(
        points.stream().mapToDouble(point -> point[0]).toArray(),
        points.stream().mapToDouble(point -> point[1]).toArray());
  }

  /// By trapezoids; 0 where there is no curve.
  public double area() {
    double area = 0;
    for (int i = 1; i < falsePositives.length; i++) {
      area +=
          (falsePositives[i] - falsePositives[i - 1])
              * (truePositives[i] + truePositives[i - 1])
              / 2;
    }
    return area;
  }

  /// With at most so many points more or less evenly left, for drawing.
  public RocCurve thinned(int most) {
    int points = falsePositives.length;
    if (points <= most) {
      return this;
    }
    List<double[]> kept = new ArrayList<>();
    for (int i = 0; i < most; i++) {
      int at = (int) ((long) i * (points - 1) / (most - 1));
      kept.add(new double[] {falsePositives[at], truePositives[at]});
    }
    return of(kept);
  }
}
