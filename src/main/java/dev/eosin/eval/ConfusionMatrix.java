package dev.eosin.eval;

import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/// Counts of (true class, predicted class), and the metrics that follow from them. Where a class is
/// absent the rules are scikit-learn's, given at each metric. Every metric but kappa is in 0 to 1;
/// of no rows, it is NaN.
public final class ConfusionMatrix {
  private final long[] cells;
  private final int classes;

  private ConfusionMatrix(long[] cells, int classes) {
    this.cells = cells;
    this.classes = classes;
  }

  /// Counts rows.
  ///
  /// @param truth `[n]` true classes
  /// @param predicted `[n]` predicted classes
  /// @param classes number of classes
  /// @throws IllegalArgumentException when the lengths differ or an index is no class
  public static ConfusionMatrix of(int[] truth, int[] predicted, int classes) {
    if (truth.length != predicted.length) {
      throw new IllegalArgumentException(
          "%d true and %d predicted classes".formatted(truth.length, predicted.length));
    }
    long[] cells = new long[classes * classes];
    for (int row = 0; row < truth.length; row++) {
      cells[cell(truth[row], predicted[row], classes)]++;
    }
    return new ConfusionMatrix(cells, classes);
  }

  /// Of counts.
  ///
  /// @param cells [classes * classes], true class by true class; not copied
  public static ConfusionMatrix ofCells(long[] cells, int classes) {
    return new ConfusionMatrix(cells, classes);
  }

  static int cell(int truth, int predicted, int classes) {
    if (truth < 0 || truth >= classes || predicted < 0 || predicted >= classes) {
      throw new IllegalArgumentException(
          "class %d predicted as %d, but there are %d classes"
              .formatted(truth, predicted, classes));
    }
    return truth * classes + predicted;
  }

  /// Number of classes.
  public int classes() {
    return classes;
  }

  /// How many rows have a true class.
  public long rows(int truth) {
    return rowsOf(truth);
  }

  /// How many rows of a true class were predicted as another (or the same) one.
  public long count(int truth, int predicted) {
    return cells[cell(truth, predicted, classes)];
  }

  /// The share of rows predicted right: accuracy.
  public double top1() {
    long right = 0;
    long all = 0;
    for (int truth = 0; truth < classes; truth++) {
      right += count(truth, truth);
      all += rowsOf(truth);
    }
    return (double) right / all;
  }

  /// The mean over the classes that occur as truth of the share predicted right.
  public double balancedAccuracy() {
    return mean(this::recall, truth -> rowsOf(truth) > 0 ? 1 : 0);
  }

  /// The mean F1 of the classes that occur as truth or prediction.
  public double f1Macro() {
    return mean(this::f1, this::occurs);
  }

  /// The mean F1 weighted by how often a class occurs as truth.
  public double f1Weighted() {
    return mean(this::f1, this::rowsOf);
  }

  /// The mean share of right ones among what was predicted as a class, over the classes that occur
  /// as truth or prediction; 0 for one that is never predicted.
  public double precisionMacro() {
    return mean(this::precision, this::occurs);
  }

  /// The mean recall of the classes that occur as truth or prediction; 0 for one that is never
  /// true. [#balancedAccuracy] leaves those out instead.
  public double recallMacro() {
    return mean(this::recall, this::occurs);
  }

  /// How much a disagreement of two classes weighs, by their places among the classes that occur.
  public enum Disagreement {
    /// Every one the same: Cohen 1960.
    EQUAL,
    /// Their distance.
    LINEAR,
    /// Its square, for grades: Cohen 1968.
    QUADRATIC
  }

  /// Cohen's kappa: agreement beyond chance, at most 1, negative where it is below chance.
  ///
  /// The classes are those that occur as truth or prediction, in their order, and a weight goes by
  /// the PLACE of a class among them: without a row of grade 2, grades 1 and 3 are neighbours, as
  /// in scikit-learn. [#gradeKappa] keeps every grade's distance.
  ///
  /// @return NaN where only one class occurs at all
  public double kappa(Disagreement weights) {
    return kappa(weights, IntStream.range(0, classes).filter(label -> occurs(label) > 0).toArray());
  }

  /// Kappa with quadratic weights over all classes, those that do not occur, too: a grade's
  /// distance does not depend on what happens to be in the data.
  ///
  /// @return NaN where only one class occurs at all
  public double gradeKappa() {
    return kappa(Disagreement.QUADRATIC, IntStream.range(0, classes).toArray());
  }

  private double kappa(Disagreement weights, int[] labels) {
    double all = 0;
    for (int label : labels) {
      all += rowsOf(label);
    }
    double seen = 0;
    double byChance = 0;
    for (int i = 0; i < labels.length; i++) {
      for (int j = 0; j < labels.length; j++) {
        double apart = Math.abs(i - j);
        double weight =
            switch (weights) {
              case EQUAL -> i == j ? 0 : 1;
              case LINEAR -> apart;
              case QUADRATIC -> apart * apart;
            };
        seen += weight * count(labels[i], labels[j]);
        byChance += weight * rowsOf(labels[i]) * predictedAs(labels[j]) / all;
      }
    }
    return byChance == 0 ? Double.NaN : 1 - seen / byChance;
  }

  private double occurs(int label) {
    return rowsOf(label) + predictedAs(label) > 0 ? 1 : 0;
  }

  /// The share of right ones among what was predicted as a class; 0 where there is none.
  public double precision(int label) {
    return predictedAs(label) == 0 ? 0 : (double) count(label, label) / predictedAs(label);
  }

  /// The share of a true class's rows that was predicted right; 0 where it has none.
  public double recall(int truth) {
    return rowsOf(truth) == 0 ? 0 : (double) count(truth, truth) / rowsOf(truth);
  }

  /// Twice the right rows over the true plus the predicted ones; 0 where there are none.
  public double f1(int label) {
    long both = rowsOf(label) + predictedAs(label);
    return both == 0 ? 0 : 2.0 * count(label, label) / both;
  }

  private double mean(IntToDoubleFunction value, IntToDoubleFunction weight) {
    double sum = 0;
    double weights = 0;
    for (int label = 0; label < classes; label++) {
      sum += weight.applyAsDouble(label) * value.applyAsDouble(label);
      weights += weight.applyAsDouble(label);
    }
    return sum / weights;
  }

  private long rowsOf(int truth) {
    long sum = 0;
    for (int predicted = 0; predicted < classes; predicted++) {
      sum += count(truth, predicted);
    }
    return sum;
  }

  private long predictedAs(int predicted) {
    long sum = 0;
    for (int truth = 0; truth < classes; truth++) {
      sum += count(truth, predicted);
    }
    return sum;
  }
}
