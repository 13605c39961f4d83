package dev.eosin.eval.probes;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/// Scores of labels of which a row may have several, or none. A score above 0 says that it has the
/// label.
public final class MultiLabelScores implements Figures {
  /// Says which rules the figures follow; another one where they change.
  public static final String VERSION = "multi-label/1";

  private static final List<String> NAMES =
      List.of("auc_mean", "average_precision_mean", "f1_macro", "exact");

  private final double[][] scores;
  private final boolean[][] truth;
  private final AreaUnderCurve[] curves;

  /// @param scores `[n][labels]`
  /// @param truth `[n][labels]`
  public MultiLabelScores(double[][] scores, boolean[][] truth) {
    this.scores = scores.clone();
    this.truth = truth.clone();
    this.curves =
        IntStream.range(0, scores[0].length)
            .mapToObj(label -> new AreaUnderCurve(scores(label), truth(label)))
            .toArray(AreaUnderCurve[]::new);
  }

  private double[] scores(int label) {
    return Arrays.stream(scores).mapToDouble(row -> row[label]).toArray();
  }

  private boolean[] truth(int label) {
    boolean[] own = new boolean[truth.length];
    for (int row = 0; row < own.length; row++) {
      own[row] = truth[row][label];
    }
    return own;
  }

  /// The area under the curve of each label; empty where all rows have it, or none.
  public List<OptionalDouble> areas() {
    return Arrays.stream(curves).map(AreaUnderCurve::value).toList();
  }

  /// The average precision of each label; empty where no row has it.
  public List<OptionalDouble> precisions() {
    return IntStream.range(0, curves.length)
        .mapToObj(label -> AveragePrecision.of(scores(label), truth(label)))
        .toList();
  }

  @Override
  public List<String> names() {
    return NAMES;
  }

  @Override
  public int rows() {
    return truth.length;
  }

  @Override
  public double[] of(int[] times) {
    double[] drawnScores = new double[Arrays.stream(times).sum()];
    boolean[] drawnTruth = new boolean[drawnScores.length];
    List<Double> areas = new ArrayList<>();
    List<Double> precisions = new ArrayList<>();
    double f1 = 0;
    for (int label = 0; label < curves.length; label++) {
      curves[label].value(times).ifPresent(areas::add);
      int at = 0;
      long right = 0;
      long both = 0;
      for (int row = 0; row < times.length; row++) {
        boolean said = scores[row][label] > 0;
        boolean is = truth[row][label];
        right += said && is ? times[row] : 0;
        both += (said ? times[row] : 0) + (is ? times[row] : 0);
        for (int i = 0; i < times[row]; i++, at++) {
          drawnScores[at] = scores[row][label];
          drawnTruth[at] = is;
        }
      }
      f1 += both == 0 ? 0 : 2.0 * right / both;
      AveragePrecision.of(drawnScores, drawnTruth).ifPresent(precisions::add);
    }
    return new double[] {mean(areas), mean(precisions), f1 / curves.length, exact(times)};
  }

  private double exact(int[] times) {
    double all = 0;
    double right = 0;
    for (int row = 0; row < times.length; row++) {
      int of = row;
      boolean same =
          IntStream.range(0, curves.length).allMatch(l -> scores[of][l] > 0 == truth[of][l]);
      right += same ? times[row] : 0;
      all += times[row];
    }
    return right / all;
  }

  private static double mean(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
  }
}
