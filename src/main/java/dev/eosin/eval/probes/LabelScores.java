package dev.eosin.eval.probes;

import dev.eosin.eval.ConfusionMatrix;
import dev.eosin.eval.ConfusionMatrix.Disagreement;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/// Scores of classes for rows whose class is known. The largest score, the first of equals, is what
/// is predicted.
public final class LabelScores implements Figures {
  /// Says which rules the figures follow; another one where they change.
  public static final String VERSION = "classification/1";

  private static final List<String> NAMES =
      List.of(
          "accuracy",
          "balanced_accuracy",
          "f1_macro",
          "f1_weighted",
          "kappa",
          "kappa_quadratic",
          "auc_macro");

  private final double[][] scores;
  private final int[] truth;
  private final int[] predicted;
  private final int classes;
  private final MacroArea area;
  private final boolean allHaveAreas;

  /// @param scores `[n][k]`, probabilities where the area under curves is to compare rows
  /// @param truth `[n]` from 0
  /// @throws IllegalArgumentException for lengths that differ, or no row
  public LabelScores(double[][] scores, int[] truth) {
    if (scores.length != truth.length || truth.length == 0) {
      throw new IllegalArgumentException(
          "%d rows of scores for %d classes of rows".formatted(scores.length, truth.length));
    }
    this.scores = scores.clone();
    this.truth = truth.clone();
    this.classes = scores[0].length;
    this.predicted = Arrays.stream(scores).mapToInt(LabelScores::largest).toArray();
    this.area = new MacroArea(scores, truth);
    this.allHaveAreas = area.areas().stream().allMatch(OptionalDouble::isPresent);
  }

  /// The place of the largest; the first of equals.
  public static int largest(double[] scores) {
    int best = 0;
    for (int i = 1; i < scores.length; i++) {
      best = scores[i] > scores[best] ? i : best;
    }
    return best;
  }

  /// Scores as shares of 1; their order stays.
  public static double[] softmax(double[] scores) {
    double[] shares = scores.clone();
    LogisticRegression.softmax(shares);
    return shares;
  }

  @Override
  public List<String> names() {
    return NAMES;
  }

  @Override
  public int rows() {
    return truth.length;
  }

  /// The scores themselves `[n][k]`.
  public double[][] scores() {
    return scores.clone();
  }

  /// The class of each row `[n]`.
  public int[] truth() {
    return truth.clone();
  }

  /// What was predicted of each row `[n]`.
  public int[] predicted() {
    return predicted.clone();
  }

  /// Counts of every row.
  public ConfusionMatrix confusion() {
    return ConfusionMatrix.of(truth, predicted, classes);
  }

  /// The areas under the curves of each class.
  public MacroArea area() {
    return area;
  }

  /// The share of rows whose class is among the k of largest scores, the first of equals first.
  public double top(int k) {
    long found = 0;
    for (int row = 0; row < truth.length; row++) {
      double own = scores[row][truth[row]];
      int before = 0;
      for (int label = 0; label < classes; label++) {
        double other = scores[row][label];
        before += other > own || (other == own && label < truth[row]) ? 1 : 0;
      }
      found += before < k ? 1 : 0;
    }
    return (double) found / truth.length;
  }

  @Override
  public double[] of(int[] times) {
    long[] cells = new long[classes * classes];
    for (int row = 0; row < truth.length; row++) {
      cells[truth[row] * classes + predicted[row]] += times[row];
    }
    ConfusionMatrix confusion = ConfusionMatrix.ofCells(cells, classes);
    // Of all rows the mean is of all classes or of none; in a resample, of those that came up.
    double areas = allHaveAreas ? area.meanOfDefined(times).orElse(Double.NaN) : Double.NaN;
    return new double[] {
      confusion.top1(),
      confusion.balancedAccuracy(),
      confusion.f1Macro(),
      confusion.f1Weighted(),
      confusion.kappa(Disagreement.EQUAL),
      confusion.gradeKappa(),
      areas
    };
  }
}
