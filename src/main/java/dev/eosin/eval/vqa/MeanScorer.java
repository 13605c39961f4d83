package dev.eosin.eval.vqa;

import dev.eosin.data.SampleContent.QuestionAnswer.Kind;
import dev.eosin.eval.answers.AnswerRow;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/// Figures that are means over answers.
///
/// @param types that it judges
/// @param values one for each metric
/// @param unreadable why an answer could not be read
record MeanScorer(
    String name,
    Set<Kind> types,
    List<String> metrics,
    Function<AnswerRow, double[]> values,
    Function<AnswerRow, Optional<String>> unreadable)
    implements Scorer {
  MeanScorer {
    types = Set.copyOf(types);
    metrics = List.copyOf(metrics);
  }

  /// One that can read everything.
  MeanScorer(
      String name, Set<Kind> types, List<String> metrics, Function<AnswerRow, double[]> values) {
    this(name, types, metrics, values, row -> Optional.empty());
  }

  @Override
  public boolean judges(Kind type) {
    return types.contains(type);
  }

  @Override
  public int width() {
    return metrics.size() + 1;
  }

  @Override
  public void add(List<AnswerRow> rotations, double[] sums) {
    for (AnswerRow row : rotations) {
      double[] found = values.apply(row);
      for (int i = 0; i < found.length; i++) {
        sums[i] += found[i];
      }
      sums[found.length]++;
    }
  }

  @Override
  public double value(int metric, double[] sums) {
    return sums[metric] / sums[metrics.size()];
  }

  @Override
  public Optional<String> unread(AnswerRow row) {
    return unreadable.apply(row);
  }
}
