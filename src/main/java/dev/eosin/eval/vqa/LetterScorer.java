package dev.eosin.eval.vqa;

import dev.eosin.data.SampleContent.QuestionAnswer.Kind;
import dev.eosin.eval.answers.AnswerRow;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// Whether the right option was taken: over all rotations of the options, and counting a question
/// only where every rotation has the right one. A model that likes a letter has the first figure at
/// chance and the second at nothing.
///
/// @param prefix of the figures' names
/// @param letter that an answer names, upper case
record LetterScorer(String name, String prefix, Function<AnswerRow, Optional<String>> letter)
    implements Scorer {
  private static final int RIGHT = 0;
  private static final int ROWS = 1;
  private static final int CONSISTENT = 2;
  private static final int WHOLE_QUESTIONS = 3;

  @Override
  public boolean judges(Kind type) {
    return type == Kind.CHOICE;
  }

  @Override
  public List<String> metrics() {
    return List.of(prefix + "_accuracy", prefix + "_consistent");
  }

  @Override
  public int width() {
    return WHOLE_QUESTIONS + 1;
  }

  @Override
  public void add(List<AnswerRow> rotations, double[] sums) {
    long right = rotations.stream().filter(this::isRight).count();
    sums[RIGHT] += right;
    sums[ROWS] += rotations.size();
    // Without every rotation nothing can be said of consistency.
    if (rotations.size() == rotations.getFirst().options().size()) {
      sums[CONSISTENT] += right == rotations.size() ? 1 : 0;
      sums[WHOLE_QUESTIONS]++;
    }
  }

  private boolean isRight(AnswerRow row) {
    String gold = AnswerRow.letter(row.rightOption().orElseThrow());
    return letter.apply(row).filter(gold::equals).isPresent();
  }

  @Override
  public double value(int metric, double[] sums) {
    return metric == 0 ? sums[RIGHT] / sums[ROWS] : sums[CONSISTENT] / sums[WHOLE_QUESTIONS];
  }

  @Override
  public Optional<String> unread(AnswerRow row) {
    return row.answer().isBlank() || letter.apply(row).isPresent()
        ? Optional.empty()
        : Optional.of("names no option");
  }
}
