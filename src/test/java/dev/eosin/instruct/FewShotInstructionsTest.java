package dev.eosin.instruct;

import static dev.eosin.instruct.InstructionFixture.bound;
import static dev.eosin.instruct.InstructionFixture.json;
import static dev.eosin.instruct.InstructionFixture.lines;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.config.DataException;
import dev.eosin.config.RecipeException;
import dev.eosin.prepare.PreparationReport;
import dev.eosin.random.RandomKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Tiles of one slide per class and source train, all others are held out.
class FewShotInstructionsTest {
  private static final String SLIDES =
      "type: few-shot\npath: src/test/resources/instruct/slides\nquestions: ['Is it bad?', 'Bad?', 'Is this good?']\n";

  @TempDir private Path folder;

  private PreparationReport make(String yaml, String into) throws DataException {
    var preparation = new FewShotInstructions((FewShotSettings) bound(yaml), new RandomKey(3));
    return InstructionFixture.run(folder.resolve(into), preparation);
  }

  @Test
  void oneSlideOfEachClassAndSourceTrains() throws IOException {
    PreparationReport report = make(SLIDES, "out");

    List<JsonNode> training = lines(folder.resolve("out/instructions.jsonl"));
    List<JsonNode> heldOut = lines(folder.resolve("out/held-out.jsonl"));
    assertThat(report.funnel().kept()).isEqualTo(11).isEqualTo(training.size() + heldOut.size());
    Set<String> slides = new TreeSet<>();
    for (JsonNode tile : training) {
      slides.add(tile.path("slide").asText());
      String label = tile.path("path").asText().split("/")[1];
      assertThat(tile.path("answer").asText()).isEqualTo("this is a %s pathological image", label);
    }
    assertThat(slides)
        .hasSize(4)
        .contains("colon/negative/m1", "colon/positive/q1")
        .extracting(slide -> slide.substring(0, slide.lastIndexOf('/')))
        .containsExactly("colon/negative", "colon/positive", "lung/negative", "lung/positive");
    assertThat(heldOut).noneMatch(tile -> slides.contains(tile.path("slide").asText()));
    assertThat(heldOut)
        .allMatch(tile -> tile.path("question").asText().equals("Is it bad?"))
        .allMatch(tile -> tile.path("options").size() == 2);
    assertThat(
            training.stream()
                .map(tile -> tile.path("question").asText())
                .collect(Collectors.toSet()))
        .hasSizeGreaterThan(1);
    JsonNode counts = json(folder.resolve("out/instructions.json"));
    assertThat(counts.path("slides")).hasSize(4);
    assertThat(counts.path("held-out").asInt()).isEqualTo(heldOut.size());
    assertThat(Files.readString(folder.resolve("out/page.html")))
        .contains("11 of 11 rows are kept", "positive, held out: Is it bad?");
    make(SLIDES, "again");
    for (String name :
        List.of("page.html", "instructions.jsonl", "held-out.jsonl", "instructions.json")) {
      assertThat(folder.resolve("again").resolve(name))
          .hasSameBinaryContentAs(folder.resolve("out").resolve(name));
    }
  }

  @Test
  void slidesMayBeNamedAndTilesLimited() throws IOException {
    PreparationReport report =
        make(SLIDES + "slides: [p1, n2, q1, m1]\ntiles-per-slide: 2\nquestions-per-tile: 3", "out");

    assertThat(report.funnel().rejected()).containsEntry("not-drawn", 2L);
    assertThat(lines(folder.resolve("out/instructions.jsonl")))
        .hasSize(3 * 7)
        .extracting(tile -> tile.path("slide").asText())
        .contains("lung/positive/p1", "lung/negative/n2");
    assertThat(lines(folder.resolve("out/held-out.jsonl")))
        .extracting(tile -> tile.path("path").asText())
        .containsExactly("lung/positive/p2/1.png", "lung/negative/n1/1.png");
  }

  @Test
  void foldersThatAreNotAsExpectedAreNamed() throws IOException {
    Path root = Files.createDirectory(folder.resolve("slides"));
    String yaml = SLIDES.replace("src/test/resources/instruct/slides", root.toString());
    assertThatThrownBy(() -> make(yaml, "out"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("expected SOURCE/CLASS/SLIDE with the classes [positive, negative]");
    Path positive = Files.createDirectories(root.resolve("lung/positive/p1"));
    assertThatThrownBy(() -> make(yaml, "out"))
        .hasMessageContaining(positive + ": holds no tile that ends in one of [png");
    Files.createFile(positive.resolve("1.png"));
    assertThatThrownBy(() -> make(yaml, "out"))
        .hasMessageContaining(root.resolve("lung/negative") + ": no such folder");
    Files.createDirectories(root.resolve("lung/negative"));
    assertThatThrownBy(() -> make(yaml, "out")).hasMessageContaining("expected one for each slide");
    Files.createFile(Files.createDirectories(root.resolve("lung/negative/n1")).resolve("1.png"));
    assertThatThrownBy(() -> make(yaml + "slides-per-class: 2", "out"))
        .hasMessageContaining("has 1 slides, and slides-per-class wants 2");
    assertThatThrownBy(() -> make(yaml + "slides: [p9]", "out"))
        .hasMessageContaining("has no slides p9");
    assertThatThrownBy(() -> make(yaml + "slides: [p1]", "out"))
        .hasMessageContaining("slides names none of its slides");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          answers: { positive: x }                | expected two classes or more
          answers: { positive: x, negative: x }   | an answer of its own
          answers: { positive: x, negative: '' }  | has no text
          questions-per-tile: 4                   | more than the 3
          """)
  void problemsAreTold(String setting, String problem) {
    assertThatThrownBy(() -> bound(SLIDES + setting))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining(problem);
  }
}
