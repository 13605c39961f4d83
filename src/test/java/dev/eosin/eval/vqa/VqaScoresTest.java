package dev.eosin.eval.vqa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.config.DataException;
import dev.eosin.data.SampleContent.QuestionAnswer.Kind;
import dev.eosin.eval.answers.AnswerRow;
import dev.eosin.eval.answers.Control;
import dev.eosin.random.RandomKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class VqaScoresTest {
  private static final RandomKey KEY = new RandomKey(7);

  private static AnswerRow closed(int number, String picture, Control control, boolean right) {
    String gold = number % 2 == 0 ? "yes" : "no";
    String other = number % 2 == 0 ? "no" : "yes";
    return new AnswerRow(
        "q" + number,
        control == Control.NO_IMAGE ? Optional.empty() : Optional.of(picture),
        "Is it?",
        gold,
        right ? gold : other,
        Kind.CLOSED,
        Optional.of(number % 4 < 2 ? "tissue" : "stain grade"),
        control,
        0,
        0,
        List.of(),
        Optional.of("slide-" + number % 2),
        Map.of());
  }

  private static VqaScores scores(List<AnswerRow> rows, int resamples) throws DataException {
    return VqaScores.of(
        "answers.jsonl", rows, new Scorers().named(Scorers.DEFAULT), KEY, resamples);
  }

  private static Score all(VqaScores scores, Control control) {
    return scores.scores().stream()
        .filter(each -> each.slice().equals(Slice.ALL) && each.control() == control)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void rowsOfOnePictureAreDrawnTogetherAlsoUnderAControlThatShowsNone() throws DataException {
    List<AnswerRow> rows = new ArrayList<>();
    for (int i = 0; i < 400; i++) { // 16 pictures of 25 questions, 12 of them wholly right
      rows.add(closed(i, "p" + i / 25, Control.NONE, i < 300));
      rows.add(closed(i, "p" + i / 25, Control.NO_IMAGE, i < 300));
    }
    for (Control control : List.of(Control.NONE, Control.NO_IMAGE)) {
      Score score = all(scores(rows, 2_000), control);
      assertThat(score.value()).isEqualTo(0.75);
      assertThat(score.pictures()).isEqualTo(16);
      // 0.75 +- 1.96 * sqrt(0.75 * 0.25 / 16) = 0.75 +- 0.21.
      assertThat(score.interval().orElseThrow().low()).isCloseTo(0.54, within(0.05));
      assertThat(score.interval().orElseThrow().high()).isCloseTo(0.94, within(0.05));
    }
  }

  @Test
  void singlePicturesGiveTheBinomialInterval() throws DataException {
    List<AnswerRow> rows = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      rows.add(closed(i, "p" + i, Control.NONE, i < 300));
    }
    Score score = all(scores(rows, 2_000), Control.NONE);
    assertThat(score.interval().orElseThrow().low()).isCloseTo(0.7076, within(0.006));
    assertThat(score.interval().orElseThrow().high()).isCloseTo(0.7924, within(0.006));
    assertThat(scores(rows, 2_000)).usingRecursiveComparison().isEqualTo(scores(rows, 2_000));
    assertThat(all(scores(rows, 0), Control.NONE).interval()).isEmpty();
    assertThat(all(scores(rows.subList(0, 1), 10), Control.NONE).interval()).isEmpty();
  }

  @Test
  void scoresAreBrokenDownAndStandBesideTheirControls() throws DataException {
    List<AnswerRow> rows = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      rows.add(closed(i, "p" + i, Control.NONE, i % 4 < 2)); // tissue is known, stain is not
      rows.add(closed(i, "p" + (i + 1) % 8, Control.OTHER_IMAGE, i < 4));
    }
    VqaScores scores = scores(rows, 100);
    assertThat(scores.metrics())
        .containsEntry("closed_accuracy", 0.5)
        .containsEntry("closed_accuracy_of_tissue", 1.0)
        .containsEntry("closed_accuracy_of_stain_grade", 0.0)
        .containsEntry("closed_accuracy_other_image", 0.5)
        .containsKeys("closed_accuracy_low", "closed_accuracy_high")
        .doesNotContainKey("open_recall");
    List<String> table = scores.table();
    assertThat(table.getFirst()).matches("scorer +figure +of +questions +none +other-image");
    assertThat(table.get(1)).matches("closed/1 +closed_accuracy +all +8 +0.5000 .* 0.5000 .*");
    assertThat(table).hasSize(6); // all, two facts, two groups; the only type says nothing new
    assertThat(table).anyMatch(line -> line.contains("fact=stain grade  4          0.0000"));
    assertThat(scores.notes())
        .containsExactly(
            "no-image: 8 of 8 questions have no answer",
            "frequent: 8 of 8 questions have no answer",
            "told: 8 of 8 questions have no answer");
  }

  @Test
  void whatCouldNotBeReadIsCounted() throws DataException {
    List<AnswerRow> rows =
        List.of(
            closed(0, "p", Control.NONE, true).answered(" "),
            closed(1, "p", Control.NONE, true).answered("perhaps"),
            closed(2, "p", Control.NONE, true));
    assertThat(scores(rows, 10).notes())
        .contains(
            "none: 1 of 3 answers are empty, and count as wrong",
            "none: 1 of 3 answers count as wrong for closed/1: each says neither yes nor no");
    assertThat(scores(rows, 10).metrics().get("closed_accuracy")).isEqualTo(1 / 3.0);
  }

  @Test
  void drawsOfAControlAreAveragedAndRotationsBelongTogether() throws DataException {
    List<AnswerRow> rows = new ArrayList<>();
    for (int draw = 0; draw < 2; draw++) {
      for (int rotation = 0; rotation < 2; rotation++) {
        rows.add(
            new AnswerRow(
                "q",
                Optional.of("other"),
                "Which?",
                "x",
                draw == 0 ? "x" : "A",
                Kind.CHOICE,
                Optional.empty(),
                Control.OTHER_IMAGE,
                draw,
                rotation,
                rotation == 0 ? List.of("x", "y") : List.of("y", "x"),
                Optional.empty(),
                Map.of()));
      }
    }
    assertThat(scores(rows, 0).metrics())
        .containsEntry("letters_accuracy_other_image", 0.75)
        .containsEntry("letters_consistent_other_image", 0.5);
    assertThat(all(scores(rows, 0), Control.OTHER_IMAGE).rows()).isEqualTo(4);
    assertThat(scores(rows.subList(0, 3), 0).notes())
        .contains(
            "other-image: 1 of 2 choices were not asked under every rotation, and are left out of consistency");
  }

  @Test
  void goldThatSaysNeitherAndAnswersThatNobodyJudgesAreRefused() {
    AnswerRow row = closed(0, "p", Control.NONE, true);
    AnswerRow vague =
        new AnswerRow(
            "q",
            Optional.empty(),
            "Is it?",
            "perhaps",
            "yes",
            Kind.CLOSED,
            Optional.empty(),
            Control.NONE,
            0,
            0,
            List.of(),
            Optional.empty(),
            Map.of());
    assertThatThrownBy(() -> scores(List.of(vague), 0))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("answers.jsonl: id 'q': the gold of a closed question is 'perhaps'");
    assertThatThrownBy(
            () ->
                VqaScores.of(
                    "answers.jsonl", List.of(row), new Scorers().named(List.of("open/1")), KEY, 0))
        .hasMessageContaining("no scorer of [open/1] judges any of its answers");
  }
}
