package dev.eosin.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.checkpoint.SafetensorsWriter;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.random.RandomKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Labelled tiles that are fewer, more alike or otherwise marked than a task wants.
class HostileTileSetsTest {
  private static final int TILES = 24;
  private static final int WIDTH = 4;

  /// All that choose on validation tiles.
  private static final List<String> CHOOSING =
      List.of(
          "{ type: linear-probe, strengths: [0.1, 1] }",
          "{ type: sgd-probe, alphas: [0.001, 0.1] }",
          "{ type: knn, k: [1, 3] }",
          "{ type: decay-probe, shares: [100 %] }",
          "{ type: grade-probe, strengths: [0.1, 1] }");

  @TempDir private Path home;

  @BeforeEach
  void draw() throws IOException {
    float[] values = new float[TILES * WIDTH];
    for (int tile = 0; tile < TILES; tile++) {
      var random = new RandomKey(tile).stream(RandomKey.Purpose.BOOTSTRAP, 0, 0);
      for (int i = 0; i < WIDTH; i++) {
        values[tile * WIDTH + i] = (float) random.nextGaussian() + (i == tile % 2 ? 3 : 0);
      }
    }
    var writer = new SafetensorsWriter(Map.of());
    writer.add("features", TensorData.of(values, TILES, WIDTH));
    writer.write(home.resolve("tiles.safetensors"));
  }

  /// Of a tile: its label, slide and side.
  private record Row(String label, String group, String split) {
    static Row usual(int tile) {
      String side = tile < 12 ? "train" : tile < 18 ? "val" : "test";
      return new Row("g" + tile % 2, "s%02d".formatted(tile), side);
    }

    Row labelled(String other) {
      return new Row(other, group, split);
    }
  }

  private CommandRun evaluate(String tasks, IntFunction<Row> rows) throws IOException {
    var table = new StringBuilder("filepath,label,group_id,split\n");
    for (int tile = 0; tile < TILES; tile++) {
      Row row = rows.apply(tile);
      table.append("t%02d.png,%s,%s,%s\n".formatted(tile, row.label, row.group, row.split));
    }
    return evaluate(tasks, table.toString());
  }

  private CommandRun evaluate(String tasks, String table) throws IOException {
    Path listed = Files.writeString(home.resolve("rows.csv"), table);
    Path recipe =
        Files.writeString(
            home.resolve("recipe.yaml"),
            """
            kind: tile-evaluation
            compute: { device: cpu, threads: 1 }
            features: { type: embeddings, path: "%s", table: "%s" }
            tasks: [%s]
            bootstrap: 20
            output: { dir: "%s" }
            """
                .formatted(home.resolve("tiles.safetensors"), listed, tasks, home.resolve("out")));
    return CommandRun.of("evaluate", recipe);
  }

  /// One class on a side.
  private CommandRun ofOneGrade(String tasks, String side) throws IOException {
    return evaluate(
        tasks,
        tile -> {
          Row row = Row.usual(tile);
          return row.split.equals(side) ? row.labelled("g0") : row;
        });
  }

  private JsonNode results() throws IOException {
    return new ObjectMapper().readTree(home.resolve("out/evaluation.json").toFile());
  }

  /// Every figure that is null is named in a line of what was printed.
  private void assertEveryGapIsSaid(CommandRun run) throws IOException {
    for (Map.Entry<String, JsonNode> task : results().path("evaluations").properties()) {
      for (Map.Entry<String, JsonNode> figure : task.getValue().properties()) {
        if (figure.getValue().isNull()) {
          assertThat(run.out().lines().filter(line -> line.contains("not defined")))
              .as(task.getKey())
              .anyMatch(line -> line.contains(task.getKey()) && line.contains(figure.getKey()));
        }
      }
    }
    assertThat(Files.readString(home.resolve("out/evaluation.json"))).doesNotContain("NaN");
  }

  @Test
  void oneClassThatChoosesIsSaid() throws IOException {
    CommandRun run = ofOneGrade(String.join(", ", CHOOSING), "val");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err())
        .contains("the 6 rows that choose have none of g1: what is chosen does not look at them");
    assertEveryGapIsSaid(run);
  }

  @Test
  void gradesThatKappaCannotTellAreSaid() throws IOException {
    // With every grade far from the others all validation tiles are predicted right.
    CommandRun run = ofOneGrade("{ type: grade-probe, strengths: [1, 10] }", "val");
    assertThat(run.code()).as(run.err()).isZero();
    JsonNode chosen = results().path("details").path("grade-probe").path("chosen_by");
    boolean blind = chosen.path("validation_kappa_quadratic").isNull();
    assertThat(run.out().contains("kappa is not defined on the validation tiles")).isEqualTo(blind);
  }

  @Test
  void oneClassThatJudgesIsSaidByEveryTask() throws IOException {
    String more =
        ", { type: few-shot, shots: [2], draws: 3 }, { type: gradient-probe, updates: 20, runs: 2 }";
    CommandRun run = ofOneGrade(String.join(", ", CHOOSING) + more, "test");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("auc_macro is not defined");
    assertEveryGapIsSaid(run);
  }

  @Test
  void oneClassThatIsLearntFromIsRefused() throws IOException {
    for (String task : CHOOSING) {
      CommandRun run = ofOneGrade(task, "train");
      assertThat(run.code()).as(task).isEqualTo(ExitCode.DATA);
      assertThat(run.err()).contains("no row of the class 'g1' is among the 12 that are learnt");
    }
  }

  @Test
  void aSingleTileThatJudgesHasNoIntervalAndSaysSo() throws IOException {
    CommandRun run =
        evaluate(
            "{ type: knn, k: [1] }",
            tile -> {
              Row row = Row.usual(tile);
              return tile > 18 ? new Row(row.label, row.group, "train") : row;
            });
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("knn: one sample judges, so that no interval can be told");
    assertThat(results().path("evaluations").path("knn").has("accuracy_low")).isFalse();
    assertEveryGapIsSaid(run);
  }

  @Test
  void labelsThatAreNoneAreLeftOutAndSaid() throws IOException {
    CommandRun blank =
        evaluate(
            "{ type: knn, k: [1] }",
            tile -> tile == 3 ? Row.usual(3).labelled("") : Row.usual(tile));
    assertThat(blank.code()).as(blank.err()).isZero();
    assertThat(blank.err()).contains("1 tiles have no label; left out");
    for (String missing : List.of("nan", "NaN", "NA")) {
      CommandRun run =
          evaluate(
              "{ type: knn, k: [1] }",
              tile -> tile == 3 ? Row.usual(3).labelled(missing) : Row.usual(tile));
      assertThat(run.code()).as(missing).isEqualTo(ExitCode.DATA);
      assertThat(run.err()).contains("'%s'".formatted(missing));
    }
  }

  @Test
  void aTileThatComesTwiceIsNamed() throws IOException {
    var table = new StringBuilder("filepath,label,group_id,split\n");
    for (int tile = 0; tile < TILES; tile++) {
      Row row = Row.usual(tile);
      int named = tile == 5 ? 4 : tile;
      table.append("t%02d.png,%s,%s,%s\n".formatted(named, row.label, row.group, row.split));
    }
    CommandRun run = evaluate("{ type: knn, k: [1] }", table.toString());
    assertThat(run.code()).isEqualTo(ExitCode.DATA);
    assertThat(run.err()).contains("rows 5 and 6 are the same tile, t04.png");
  }
}
