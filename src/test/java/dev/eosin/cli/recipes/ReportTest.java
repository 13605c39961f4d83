package dev.eosin.cli.recipes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.cli.ColouredTiles;
import dev.eosin.cli.CommandRun;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.run.SmallRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Pages of evaluations and of runs, and models compared.
class ReportTest {
  private static final String TASKS =
      """
      prompts: ["An {}.", "<b>{}</b>"]
      tasks:
        - { type: zero-shot }
        - { type: linear-probe }
        - { type: few-shot, shots: [1], draws: 2 }
      """;
  private static final List<String> FILES =
      List.of(
          "report.html",
          "report.json",
          "report.csv",
          "eval_results.yaml",
          "samples.jsonl",
          "evaluation.json");

  @TempDir private static Path shared;
  @TempDir private Path home;

  private static ColouredTiles tiles;

  @BeforeAll
  static void trainAndDraw() throws IOException {
    tiles = ColouredTiles.in(shared);
  }

  private JsonNode json(String file) throws IOException {
    return new ObjectMapper().readTree(home.resolve(file).toFile());
  }

  /// A table whose classes, groups and file names would be markup if they were let.
  private String hostile() throws IOException {
    Path tile = tiles.resolve("hostile \"><script>alert(1)<").resolve("script>.png");
    Files.createDirectories(tile.getParent());
    Files.copy(tiles.resolve("red_tissue/t00.png"), tile);
    String table =
        Files.readString(tiles.resolve("labels.csv"))
            .replace("red_tissue/t00.png", "\"" + tile.toString().replace("\"", "\"\"") + "\"")
            .replace(",blue_tissue,", ",<script>,");
    return Files.writeString(tiles.resolve("hostile.csv"), table).toString();
  }

  @Test
  void everyEvaluationHasPagesThatASecondRunRepeats() throws IOException {
    String table = hostile();
    CommandRun run = tiles.evaluate(home, table, TASKS);
    assertThat(run.code()).as(run.err()).isZero();
    String page = Files.readString(home.resolve("out/report.html"));
    assertThat(page)
        .contains("Confusion matrix", "ROC curves", "Prompt sensitivity", "t-SNE", "random-weights")
        .contains("training loss", "sides.sha256", "kind: tile-evaluation", "alt=\"")
        .contains("&lt;script&gt;", "&lt;script&gt;alert(1)")
        .doesNotContain("<script", "<b>");
    JsonNode report = json("out/report.json");
    JsonNode figures = report.path("evaluations").path("linear-probe");
    double sum = 0;
    for (JsonNode curve : report.path("roc").path("linear-probe")) {
      sum += curve.path("area").asDouble() / 3;
    }
    assertThat(sum).isCloseTo(figures.path("auc_macro").asDouble(), within(1e-12));
    assertThat(report.path("maps").path(0).path("points")).hasSize(3 * ColouredTiles.EACH);
    assertThat(report.path("recipe").asText()).contains("bootstrap: 40");
    assertThat(Files.readAllLines(home.resolve("out/report.csv")))
        .anyMatch(line -> line.startsWith("random-weights,few-shot-1,accuracy,"));
    assertThat(Files.readString(home.resolve("out/eval_results.yaml")))
        .contains("- dataset:", "task_id: \"linear-probe\"", "  value: 0.", "accuracy, 95 % ");

    List<byte[]> before = bytes();
    assertThat(tiles.evaluate(home, table, TASKS).code()).isZero();
    List<byte[]> after = bytes();
    for (int i = 0; i < FILES.size(); i++) {
      assertThat(after.get(i)).as(FILES.get(i)).isEqualTo(before.get(i));
    }
  }

  private List<byte[]> bytes() throws IOException {
    List<byte[]> bytes = new ArrayList<>();
    for (String file : FILES) {
      bytes.add(Files.readAllBytes(home.resolve("out").resolve(file)));
    }
    return bytes;
  }

  @Test
  void twoEvaluationsAreComparedAsTwoModelsOfOneAre() throws IOException {
    Path other = home.resolve("other");
    Path small = SmallRun.in(home.resolve("second")).folder();
    SmallRun.in(home.resolve("second")).train("seed=8");
    String tasks = "tasks: [{ type: linear-probe }, { type: knn, k: [1] }]";
    CommandRun both =
        tiles.evaluate(
            home,
            tiles.table(),
            tasks,
            "against={type: clip, path: %s}".formatted(tiles.model()),
            "features.path=" + small,
            "random-weights=false");
    assertThat(both.code()).as(both.err()).isZero();
    JsonNode expected = json("out/evaluation.json").path("evaluations").path("difference/knn");
    assertThat(tiles.evaluate(home, tiles.table(), tasks).code()).isZero();
    CommandRun second =
        tiles.evaluate(home, tiles.table(), tasks, "features.path=" + small, "output.dir=" + other);
    assertThat(second.code()).as(second.err()).isZero();

    Path out = home.resolve("compared");
    CommandRun compared = CommandRun.of("compare", home.resolve("out"), other, "--out", out);
    assertThat(compared.code()).as(compared.err()).isZero();
    assertThat(compared.out()).contains("A = ", "B = ", "knn  accuracy", "B-A ");
    JsonNode row = json("compared/comparison.json").path("rows");
    boolean found = false;
    for (JsonNode each : row) {
      if (each.path("evaluation").asText().equals("knn")
          && each.path("figure").asText().equals("f1_macro")) {
        JsonNode difference = each.path("differences").path(0);
        assertThat(difference.path("value")).isEqualTo(expected.path("f1_macro"));
        assertThat(difference.path("low")).isEqualTo(expected.path("f1_macro_low"));
        assertThat(difference.path("high")).isEqualTo(expected.path("f1_macro_high"));
        assertThat(difference.path("p")).isEqualTo(expected.path("f1_macro_p"));
        found = true;
      }
    }
    assertThat(found).isTrue();
    assertThat(Files.readString(out.resolve("comparison.html"))).contains("Models side by side");
  }

  @Test
  void whatWasMeasuredOtherwiseIsNotCompared() throws IOException {
    String tasks = "tasks: [{ type: knn, k: [1] }]\nrandom-weights: false";
    Path other = home.resolve("other");
    assertThat(tiles.evaluate(home, tiles.table(), tasks).code()).isZero();
    assertThat(tiles.evaluate(home, tiles.table(), tasks, "seed=3", "output.dir=" + other).code())
        .isZero();
    CommandRun sides = CommandRun.of("compare", home.resolve("out"), other);
    assertThat(sides.code()).isEqualTo(ExitCode.DATA);
    assertThat(sides.err()).contains("their data differ: sides.sha256 is ", "on the same files");
    assertThat(
            tiles
                .evaluate(home, tiles.table(), tasks, "bootstrap=30", "output.dir=" + other)
                .code())
        .isZero();
    CommandRun rules = CommandRun.of("compare", home.resolve("out"), other);
    assertThat(rules.err()).contains("their rules of knn differ: bootstrap is ");
    assertThat(imagesChangedUnderTheirNames(tasks, other).err())
        .contains("their images differ: model.images.sha256 is ", "on the same files");
    CommandRun mixed = CommandRun.of("compare", other, tiles.model());
    assertThat(mixed.err()).contains("is an evaluation and", "evaluate the run, too");
    CommandRun nothing = CommandRun.of("compare", other, home);
    assertThat(nothing.err()).contains("has neither evaluation.json nor a run");
  }

  /// Samples that cannot be replaced leave no results of an earlier call, to which they do not
  /// belong.
  @Test
  void resultsNeverLieBesideSamplesOfAnotherCall() throws IOException {
    String tasks = "tasks: [{ type: knn, k: [1] }]\nrandom-weights: false";
    assertThat(tiles.evaluate(home, tiles.table(), tasks).code()).isZero();
    Path samples = home.resolve("out/samples.jsonl");
    Files.delete(samples);
    Files.createFile(Files.createDirectory(samples).resolve("in-the-way"));
    CommandRun again = tiles.evaluate(home, tiles.table(), tasks, "seed=3");
    assertThat(again.code()).isEqualTo(ExitCode.DATA);
    assertThat(again.err()).contains("samples.jsonl");
    assertThat(home.resolve("out/evaluation.json")).doesNotExist();
  }

  private CommandRun imagesChangedUnderTheirNames(String tasks, Path other) throws IOException {
    Path folders = tiles.folders(home);
    assertThat(tiles.evaluate(home, folders.toString(), tasks).code()).isZero();
    Path tile = folders.resolve("red_tissue/t00.png");
    Files.copy(folders.resolve("red_tissue/t01.png"), tile, StandardCopyOption.REPLACE_EXISTING);
    String there = "output.dir=" + other;
    assertThat(tiles.evaluate(home, folders.toString(), tasks, there).code()).isZero();
    return CommandRun.of("compare", home.resolve("out"), other);
  }

  /// Figures of single classes have a table of their own.
  @Test
  void aRunThatTellsSingleClassesShowsThem() throws IOException {
    SmallRun run = SmallRun.in(home.resolve("classes"));
    run.train(
        "evaluate=[{type: zero-shot, name: zero, prompts: [\"{}.\"], every: 6 steps, class-scores: true}]");
    CommandRun report = CommandRun.of("report", run.folder());
    assertThat(report.code()).as(report.err()).isZero();
    assertThat(Files.readString(run.folder().resolve("report.html")))
        .contains("zero by class", "zero: confusion matrix at step 12", ">zero_shot_top1<")
        .contains("zero recall of each class over steps")
        .doesNotContain(">recall.", ">time<", ">confusion<");
  }

  @Test
  void runsHavePagesAndAreComparedByTheirLogs() throws IOException {
    Path run = tiles.model();
    Path page = run.resolve("report.html");
    assertThat(page).as("a training writes it at its end").exists();
    Files.delete(page);
    CommandRun again = CommandRun.of("report", run);
    assertThat(again.code()).as(again.err()).isZero();
    String html = Files.readString(page);
    assertThat(html)
        .contains("training loss", "learning rate", "data.train.fingerprint", "kind: clip")
        .contains("Newest scores")
        .doesNotContain(">time<", ">confusion<");
    assertThat(CommandRun.of("report", run).code()).isZero();
    assertThat(page).hasContent(html);
    assertThat(CommandRun.of("report", home).err()).contains("holds no run");

    CommandRun itself = CommandRun.of("compare", run, run.resolve("."));
    assertThat(itself.code()).as(itself.err()).isZero();
    assertThat(itself.out()).contains("at step 12", "no differences with intervals");
  }
}
