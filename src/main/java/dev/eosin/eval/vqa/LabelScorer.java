package dev.eosin.eval.vqa;

import dev.eosin.data.SampleContent.QuestionAnswer.Kind;
import dev.eosin.eval.answers.AnswerRow;
import dev.eosin.eval.answers.Control;
import java.util.List;
import java.util.Optional;
import java.util.function.ToIntFunction;

/// Classification by text: which of some labels an answer names. An answer without a label, or with
/// several, is right for none and belongs to no label.
///
/// @param prefix of the figures' names
/// @param labels in the order of their places
/// @param gold finds the label that is right
/// @param answered the place of an answer's label, [LabelReading#none] or [LabelReading#several]
record LabelScorer(
    String name,
    String prefix,
    List<AnswerLabel> labels,
    LabelReading gold,
    ToIntFunction<String> answered)
    implements Scorer {
  // Sums: right answers of each label, answers that name it, golds that are it; then answers
  // without a label, answers with several, and all.
  private static final int PARTS = 3;

  private enum Metric {
    ACCURACY,
    MICRO_F1,
    MACRO_F1,
    NONE,
    SEVERAL
  }

  @Override
  public boolean judges(Kind type) {
    return type == Kind.OPEN;
  }

  @Override
  public List<String> metrics() {
    return List.of(
        prefix + "_accuracy",
        prefix + "_micro_f1",
        prefix + "_macro_f1",
        prefix + "_none",
        prefix + "_several");
  }

  @Override
  public int width() {
    return PARTS * labels.size() + 3;
  }

  private int right(int label) {
    return label;
  }

  private int named(int label) {
    return labels.size() + label;
  }

  private int isGold(int label) {
    return 2 * labels.size() + label;
  }

  @Override
  public void add(List<AnswerRow> rotations, double[] sums) {
    int besides = PARTS * labels.size();
    for (AnswerRow row : rotations) {
      int truth = truth(row);
      int found = answered.applyAsInt(row.answer());
      sums[isGold(truth)]++;
      if (found < labels.size()) {
        sums[named(found)]++;
        sums[right(truth)] += found == truth ? 1 : 0;
      } else {
        sums[besides + found - labels.size()]++;
      }
      sums[besides + 2]++;
    }
  }

  /// Gold that is no label is refused before any scoring.
  private int truth(AnswerRow row) {
    return gold.whole(row.gold()).orElseThrow();
  }

  @Override
  public double value(int metric, double[] sums) {
    int besides = PARTS * labels.size();
    double all = sums[besides + 2];
    return switch (Metric.values()[metric]) {
      case ACCURACY -> sum(sums, 0) / all;
      case MICRO_F1 -> 2 * sum(sums, 0) / (sum(sums, labels.size()) + sum(sums, 2 * labels.size()));
      case MACRO_F1 -> macro(sums);
      case NONE -> sums[besides] / all;
      case SEVERAL -> sums[besides + 1] / all;
    };
  }

  private double sum(double[] sums, int from) {
    double sum = 0;
    for (int label = 0; label < labels.size(); label++) {
      sum += sums[from + label];
    }
    return sum;
  }

  /// Over the labels that are right or named somewhere.
  private double macro(double[] sums) {
    double sum = 0;
    int seen = 0;
    for (int label = 0; label < labels.size(); label++) {
      double both = sums[named(label)] + sums[isGold(label)];
      if (both > 0) {
        sum += 2 * sums[right(label)] / both;
        seen++;
      }
    }
    return sum / seen;
  }

  @Override
  public Optional<String> unread(AnswerRow row) {
    int found = answered.applyAsInt(row.answer());
    if (row.answer().isBlank() || found < labels.size()) {
      return Optional.empty();
    }
    return Optional.of(found == gold.none() ? "names no label" : "names several labels");
  }

  @Override
  public Optional<String> goldFlaw(AnswerRow row) {
    return gold.whole(row.gold()).isPresent()
        ? Optional.empty()
        : Optional.of(
            "one of the labels %s or a synonym of one; list it in labels"
                .formatted(labels.stream().map(AnswerLabel::name).toList()));
  }

  @Override
  public Optional<Confusion> confusion(Control control, List<AnswerRow> rows) {
    int[][] counts = new int[labels.size()][labels.size() + 2];
    rows.forEach(row -> counts[truth(row)][answered.applyAsInt(row.answer())]++);
    return Optional.of(
        Confusion.of(name, control, labels.stream().map(AnswerLabel::name).toList(), counts));
  }
}
