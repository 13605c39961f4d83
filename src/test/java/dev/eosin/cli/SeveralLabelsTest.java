package dev.eosin.cli;

import static dev.eosin.cli.ColouredTiles.CLASSES;
import static dev.eosin.cli.ColouredTiles.EACH;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.cli.terminal.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Tiles that have several labels, or none: red ones are warm and vivid, green ones vivid. And the
/// probe whose decay is searched, on tiles of one.
class SeveralLabelsTest {
  @TempDir private static Path shared;
  @TempDir private Path home;

  private static ColouredTiles tiles;

  @BeforeAll
  static void trainAndDraw() throws IOException {
    tiles = ColouredTiles.in(shared);
  }

  @BeforeEach
  void table() throws IOException {
    StringBuilder rows = new StringBuilder("filepath,label,slide\n");
    for (int colour = 0; colour < CLASSES.size(); colour++) {
      for (int i = 0; i < EACH; i++) {
        String labels = colour == 0 ? "warm|vivid" : colour == 1 ? "vivid" : "";
        rows.append(
            "%s/t%02d.png,%s,slide%d-%d\n"
                .formatted(
                    CLASSES.get(colour),
                    i,
                    i == 0 && colour == 0 ? labels + "|rare" : labels,
                    colour,
                    i / 2));
      }
    }
    Files.writeString(tiles.resolve("several.csv"), rows);
  }

  private CommandRun evaluate(String more) throws IOException {
    return tiles.evaluate(home, tiles.resolve("several.csv").toString(), more);
  }

  @Test
  void labelsAreLearntChosenAndJudgedAndASecondRunGivesTheSameBytes() throws IOException {
    String tasks = "tasks: [{ type: multi-label }]";
    CommandRun run = evaluate(tasks);
    assertThat(run.code()).as(run.err()).isZero();
    JsonNode results = ColouredTiles.results(home);
    JsonNode figures = results.path("evaluations").path("multi-label");
    assertThat(figures.path("auc_mean").asDouble()).isGreaterThan(0.9);
    assertThat(figures.path("exact_low").isNumber()).isTrue();
    assertThat(results.path("evaluations").has("random-weights/multi-label")).isTrue();
    JsonNode details = results.path("details").path("multi-label");
    assertThat(details.path("version").asText()).isEqualTo("multi-label/1");
    assertThat(details.path("labels").findValuesAsText("label")).containsExactly("vivid", "warm");
    assertThat(details.path("chosen_by").path("validation_auc_mean").asDouble()).isGreaterThan(0.5);
    JsonNode counts = details.path("tiles");
    assertThat(
            counts.path("test").asInt()
                + counts.path("train").asInt()
                + counts.path("validation").asInt())
        .as("tiles without a label count, too")
        .isEqualTo(CLASSES.size() * EACH);
    assertThat(run.out()).contains("multi-label: left out, too few tiles: [rare]");
    byte[] first = Files.readAllBytes(home.resolve("out/evaluation.json"));
    assertThat(evaluate(tasks).code()).isZero();
    assertThat(home.resolve("out/evaluation.json")).hasBinaryContent(first);
  }

  @Test
  void otherTasksAndListedClassesAreRefused() throws IOException {
    assertThat(evaluate("tasks: [{ type: multi-label }, { type: knn }]").err())
        .contains("multi-label reads several labels of a tile, other tasks one class");
    assertThat(
            evaluate("tasks: [{ type: multi-label }]\nclasses: [{ label: a }, { label: b }]").err())
        .contains("multi-label takes all labels that occur; leave classes out");
    assertThat(evaluate("tasks: [{ type: multi-label, separator: \"\" }]").err())
        .contains("separator  is empty");
    CommandRun none = evaluate("tasks: [{ type: multi-label, fewest: 1000 }]");
    assertThat(none.code()).isEqualTo(ExitCode.DATA);
    assertThat(none.err()).contains("no label is left of [rare, vivid, warm]");
  }

  @Test
  void decaysAreSearchedOnValidationTiles() throws IOException {
    CommandRun run =
        tiles.evaluate(
            home,
            tiles.table(),
            "tasks: [{ type: decay-probe, shares: [20 %, 100 %], batch: 8, runs: 2 }]");
    assertThat(run.code()).as(run.err()).isZero();
    JsonNode results = ColouredTiles.results(home);
    JsonNode all = results.path("details").path("decay-probe-100%").path("runs");
    assertThat(all.size()).isEqualTo(2);
    assertThat(all.path(0).path("validation_accuracy").asDouble()).isGreaterThan(0.8);
    JsonNode few = results.path("details").path("decay-probe-20%").path("runs");
    assertThat(few.path(0).path("train").asInt()).isLessThan(all.path(0).path("train").asInt());
    assertThat(results.path("evaluations").path("decay-probe-100%").path("accuracy").asDouble())
        .isGreaterThan(0.8);
    assertThat(results.path("evaluations").has("random-weights/decay-probe-100%")).isTrue();
  }
}
