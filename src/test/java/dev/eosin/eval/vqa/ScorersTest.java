package dev.eosin.eval.vqa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.data.SampleContent.QuestionAnswer.Kind;
import dev.eosin.eval.answers.AnswerRow;
import dev.eosin.eval.answers.Control;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/// The rules that are Eosin's own.
class ScorersTest {
  private static final Offset<Double> EXACT = within(1e-12);

  private final Scorers scorers = new Scorers();

  private static AnswerRow row(Kind type, String gold, String answer, String... options) {
    return new AnswerRow(
        "a",
        Optional.empty(),
        "q",
        gold,
        answer,
        type,
        Optional.empty(),
        Control.NONE,
        0,
        0,
        List.of(options),
        Optional.empty(),
        Map.of());
  }

  private double[] scores(String scorer, AnswerRow... rows) {
    Scorer found = scorers.named(List.of(scorer)).getFirst();
    double[] sums = new double[found.width()];
    found.add(List.of(rows), sums);
    double[] values = new double[found.metrics().size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = found.value(i, sums);
    }
    return values;
  }

  private Optional<String> unread(String scorer, AnswerRow row) {
    return scorers.named(List.of(scorer)).getFirst().unread(row);
  }

  @Test
  void aRightWordSaidAgainIsAWordTooMany() {
    double[] open = scores("open/1", row(Kind.OPEN, "mucinous carcinoma", "Carcinoma, carcinoma!"));
    assertThat(open[0]).isCloseTo(1 / 2.0, EXACT);
    assertThat(open[1]).isCloseTo(1 / 2.0, EXACT);
    assertThat(open[2]).isCloseTo(1 / 2.0, EXACT);
    assertThat(scores("quilt-open/1", row(Kind.OPEN, "a b", "b b"))).startsWith(1.0, 1.0);
    assertThat(scores("open/1", row(Kind.OPEN, "carcinoma", ""))).containsOnly(0.0);
  }

  @Test
  void signsSeparateWordsWhateverElseTheTextHas() {
    // As published, the blank beside one sign joins what the same sign separates elsewhere.
    assertThat(scores("open/1", row(Kind.OPEN, "spindle cells", "- spindle-cells of 2.5 mm")))
        .startsWith(1.0);
    assertThat(scores("quilt-open/1", row(Kind.OPEN, "spindle cells", "- spindle-cells")))
        .startsWith(0.0);
    assertThat(new NormalisedWords().of("The 1,000 cells...of two (2.5 mm) dont"))
        .containsExactly("1000", "cells", "of", "2", "2.5", "mm", "don't");
  }

  @Test
  void bothAndNeitherAreWrongAndSaid() {
    assertThat(scores("closed/1", row(Kind.CLOSED, "yes", "Yes, it is."))).containsExactly(1);
    assertThat(scores("closed/1", row(Kind.CLOSED, "no", "Yes and no"))).containsExactly(0);
    assertThat(scores("closed/1", row(Kind.CLOSED, "no", "maybe"))).containsExactly(0);
    assertThat(unread("closed/1", row(Kind.CLOSED, "no", "Yes and no")))
        .hasValue("says both yes and no");
    assertThat(unread("closed/1", row(Kind.CLOSED, "no", "maybe")))
        .hasValue("says neither yes nor no");
    assertThat(unread("closed/1", row(Kind.CLOSED, "no", "NO."))).isEmpty();
  }

  @Test
  void lettersAreFoundHoweverTheyAreSaid() {
    for (String answer :
        List.of(
            "B",
            "b",
            "(B)",
            "B.",
            "B: necrosis",
            "B) necrosis",
            "The answer is B.",
            "Answer: B",
            "necrosis",
            "Necrosis.",
            "I take option (B), not the other",
            "**B**")) {
      assertThat(scores("letters/1", row(Kind.CHOICE, "necrosis", answer, "a tumour", "necrosis")))
          .as(answer)
          .startsWith(1.0);
    }
    for (String answer :
        List.of("A or B", "C", "A tumour and necrosis", "option A or option B", "tumours", "42")) {
      AnswerRow row = row(Kind.CHOICE, "necrosis", answer, "a tumour", "necrosis");
      assertThat(scores("letters/1", row)).as(answer).startsWith(0.0);
      assertThat(unread("letters/1", row)).as(answer).hasValue("names no option");
    }
    assertThat(
            scores("letters/1", row(Kind.CHOICE, "necrosis", "A tumour", "a tumour", "necrosis")))
        .startsWith(0.0);
    assertThat(unread("letters/1", row(Kind.CHOICE, "x", "A tumour", "a tumour", "x"))).isEmpty();
  }

  @Test
  void aModelThatLikesALetterIsRightByHalfAndNeverConsistent() {
    AnswerRow first = row(Kind.CHOICE, "x", "A", "x", "y");
    AnswerRow second = row(Kind.CHOICE, "x", "A", "y", "x");
    assertThat(scores("letters/1", first, second)).containsExactly(0.5, 0);
    assertThat(scores("letters/1", first, second.answered("B"))).containsExactly(1, 1);
    assertThat(scores("letters/1", first)).containsExactly(1, Double.NaN);
  }

  @Test
  void anUnknownScorerIsAnsweredWithThoseThatThereAre() {
    assertThatThrownBy(() -> scorers.named(List.of("open/2")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("there is no scorer 'open/2'; there are open/1, closed/1, letters/1");
    assertThatThrownBy(() -> scorers.named(List.of("open/1", "open/1")))
        .hasMessageContaining("named twice");
    assertThat(scorers.named(Scorers.DEFAULT)).hasSize(3);
    assertThat(scorers.all())
        .extracting(Scorer::name)
        .allMatch(name -> name.matches("[a-z-]+/\\d"));
  }
}
