package dev.eosin.eval.revision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.config.DataException;
import dev.eosin.eval.samples.SampleResults;
import dev.eosin.random.RandomKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RevisionScoresTest {
  private static final RandomKey KEY = new RandomKey(5);

  private static RevisionRow row(
      String id, Operation operation, String corrupted, String target, String answer) {
    return new RevisionRow(
        id, Optional.of("image " + id), operation, corrupted, target, answer, ShownImage.NONE, 0);
  }

  private static double value(RevisionScores scores, String operation, String metric) {
    return scores.score("none", operation, metric).orElseThrow().value();
  }

  @Test
  void whatWasNoticedSetRightAndChangedWithoutNeedIsCounted() {
    List<RevisionRow> rows =
        List.of(
            row(
                "1",
                Operation.MODIFY,
                "blue gland, dense",
                "pink gland, dense",
                "Pink  gland, dense"),
            row(
                "2",
                Operation.MODIFY,
                "blue gland, dense",
                "pink gland, dense",
                "red gland, dense"),
            row("3", Operation.DELETE, "blue gland", "blue gland, dense", "blue gland"),
            row("4", Operation.ADD, "blue gland, dense", "blue gland", "pink gland"),
            row("5", Operation.NONE, "blue gland", "blue gland", "blue gland"),
            row("6", Operation.NONE, "blue gland", "blue gland", "pink gland"),
            row("7", Operation.NONE, "blue gland", "blue gland", "blue gland"));
    RevisionScores scores = RevisionScores.of(rows, List.of(), KEY, 100);
    assertThat(value(scores, "all", "detected")).isEqualTo(0.75);
    assertThat(value(scores, "all", "restored")).isEqualTo(0.5);
    assertThat(value(scores, "all", "over_corrected")).isEqualTo(1.0 / 3);
    assertThat(value(scores, "all", "j")).isCloseTo(0.75 - 1.0 / 3, within(1e-12));
    assertThat(value(scores, "all", "exact")).isCloseTo(3.0 / 7, within(1e-12));
    assertThat(value(scores, "modify", "restored")).isEqualTo(0.5);
    assertThat(value(scores, "delete", "restored")).isZero();
    assertThat(value(scores, "add", "restored")).isEqualTo(1);
    assertThat(scores.score("none", "delete", "over_corrected")).isEmpty();
    assertThat(scores.score("copy-input", "all", "detected").orElseThrow().value()).isZero();
    assertThat(scores.score("copy-input", "all", "exact").orElseThrow().value())
        .isCloseTo(3.0 / 7, within(1e-12));
    RevisionScore restored = scores.score("none", "all", "restored").orElseThrow();
    assertThat(restored.images()).isEqualTo(7);
    assertThat(restored.interval().orElseThrow().low()).isBetween(0.0, 0.5);
    assertThat(scores.metrics())
        .containsKeys("restored_low", "restored_of_modify", "detected_copy_input");
    SampleResults samples = scores.samples().orElseThrow();
    assertThat(samples.samples()).hasSize(7);
    assertThat(samples.figures().names())
        .containsExactly("detected", "restored", "over_corrected", "exact", "distance");
    samples
        .figures()
        .values()
        .forEach(
            (name, mean) ->
                assertThat(mean).as(name).isCloseTo(value(scores, "all", name), within(1e-12)));
  }

  @Test
  void aWrongEditElsewhereDoesNotTakeBackWhatWasRestored() {
    RevisionRow row =
        row(
            "1",
            Operation.MODIFY,
            "blue stain, dense cells, a gland",
            "pink stain, dense cells, a gland",
            "pink stain, sparse cells, a gland");
    assertThat(Judgement.of(row).restored()).isTrue();
    assertThat(row.exact()).isFalse();
    assertThat(row.changed()).isTrue();
  }

  /// Of four captions with the same word, two should have each of two others: whoever says one of
  /// them everywhere restores half of them, and by chance two of three or one of three.
  @Test
  void chanceIsWhatOtherCaptionsWithTheSameWordsShouldHave() {
    List<RevisionRow> rows = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      String right = i < 2 ? "pink gland" : "red gland";
      rows.add(row("" + i, Operation.MODIFY, "blue gland", right, right));
      rows.add(
          new RevisionRow(
              "" + i,
              Optional.of("image " + i),
              Operation.MODIFY,
              "blue gland",
              right,
              "pink gland",
              ShownImage.OTHER_IMAGE,
              0));
    }
    RevisionScores scores = RevisionScores.of(rows, List.of(), KEY, 0);
    assertThat(scores.score("other-image", "all", "restored").orElseThrow().value()).isEqualTo(0.5);
    assertThat(scores.score("other-image", "all", "restored_by_chance").orElseThrow().value())
        .isCloseTo(0.5, within(1e-12));
    assertThat(scores.score("none", "all", "restored_by_chance")).isEmpty();
    assertThat(scores.score("none", "all", "restored").orElseThrow().interval()).isEmpty();
  }

  @Test
  void distancesAreEditsOfTheLongerText() {
    assertThat(TextDistance.of("", "")).isZero();
    assertThat(TextDistance.of("gland", "gland")).isZero();
    assertThat(TextDistance.of("blue", "glue")).isEqualTo(0.25);
    assertThat(TextDistance.of("", "blue")).isEqualTo(1);
    assertThat(TextDistance.of("kitten", "sitting")).isCloseTo(3.0 / 7, within(1e-12));
  }

  @Test
  void aFileGivesBackItsRows(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("answers.jsonl");
    List<RevisionRow> rows =
        List.of(
            row("1", Operation.MODIFY, "blue \"gland\"", "pink gland", ""),
            new RevisionRow(
                "1",
                Optional.empty(),
                Operation.MODIFY,
                "blue \"gland\"",
                "pink gland",
                "x",
                ShownImage.OTHER_IMAGE,
                2));
    RevisionFile.write(file, rows);
    assertThat(Files.readAllLines(file).getFirst())
        .isEqualTo(
            "{\"id\":\"1\",\"image\":\"image 1\",\"operation\":\"modify\",\"corrupted\":\"blue"
                + " \\\"gland\\\"\",\"target\":\"pink"
                + " gland\",\"answer\":\"\",\"control\":\"none\"}");
    assertThat(RevisionFile.read(file)).isEqualTo(rows);
    Files.writeString(file, Files.readString(file).replace("other-image", "another"));
    assertThatThrownBy(() -> RevisionFile.read(file))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("line 2: field 'control' is another, expected none, other-image");
  }
}
