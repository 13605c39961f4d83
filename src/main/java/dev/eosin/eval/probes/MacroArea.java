package dev.eosin.eval.probes;

import dev.eosin.eval.ConfusionMatrix;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/// The areas under the ROC curves of every class against the rest, and their mean. A class without
/// a row, or with all rows, has no curve: a mean over all classes is then not defined. The mean
/// over those that have one is for resamples, where classes come and go.
public final class MacroArea {
  private final AreaUnderCurve[] curves;

  /// @param scores of the classes `[n][k]`, such as probabilities
  /// @param truth `[n]`
  public MacroArea(double[][] scores, int[] truth) {
    curves =
        IntStream.range(0, scores.length == 0 ? 0 : scores[0].length)
            .mapToObj(label -> curve(scores, truth, label))
            .toArray(AreaUnderCurve[]::new);
  }

  private static AreaUnderCurve curve(double[][] scores, int[] truth, int label) {
    double[] own = Arrays.stream(scores).mapToDouble(each -> each[label]).toArray();
    boolean[] positive = new boolean[truth.length];
    for (int row = 0; row < positive.length; row++) {
      positive[row] = truth[row] == label;
    }
    return new AreaUnderCurve(own, positive);
  }

  /// Of each class; empty where it has no curve.
  public List<OptionalDouble> areas() {
    return Arrays.stream(curves).map(AreaUnderCurve::value).toList();
  }

  /// The mean over all classes, weighted by how often a class is true.
  ///
  /// @param confusion of the same rows
  /// @return empty where a class has no curve
  public OptionalDouble weightedMean(ConfusionMatrix confusion) {
    double sum = 0;
    double rows = 0;
    for (int label = 0; label < curves.length; label++) {
      OptionalDouble area = curves[label].value();
      if (area.isEmpty()) {
        return OptionalDouble.empty();
      }
      sum += confusion.rows(label) * area.getAsDouble();
      rows += confusion.rows(label);
    }
    return OptionalDouble.of(sum / rows);
  }

  /// The mean over the classes that have a curve, of rows that occur several times or not at all.
  ///
  /// @param times of each row `[n]`
  /// @return empty where no class has one
  public OptionalDouble meanOfDefined(int[] times) {
    return Arrays.stream(curves)
        .map(curve -> curve.value(times))
        .filter(OptionalDouble::isPresent)
        .mapToDouble(OptionalDouble::getAsDouble)
        .average();
  }
}
