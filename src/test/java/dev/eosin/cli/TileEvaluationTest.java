package dev.eosin.cli;

import static dev.eosin.cli.ColouredTiles.CLASSES;
import static dev.eosin.cli.ColouredTiles.EACH;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.run.SmallRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Tasks of tiles of three colours, by a small model that sees colours.
class TileEvaluationTest {
  @TempDir private static Path shared;
  @TempDir private Path home;

  private static Path model;
  private static ColouredTiles tiles;

  @BeforeAll
  static void trainAndDraw() throws IOException {
    tiles = ColouredTiles.in(shared);
    model = tiles.model();
  }

  private CommandRun evaluate(String data, String more, String... overrides) throws IOException {
    return tiles.evaluate(home, data, more, overrides);
  }

  private String table() {
    return tiles.table();
  }

  private JsonNode results() throws IOException {
    return ColouredTiles.results(home);
  }

  private static final String EVERY_TASK =
      """
      prompts: ["An H&E image of {}.", "{}."]
      classes:
        - { label: red_tissue, names: [red tissue, crimson tissue] }
        - { label: green_tissue }
        - { label: blue_tissue }
      tasks:
        - { type: zero-shot }
        - { type: linear-probe }
        - { type: sgd-probe, passes: 50 }
        - { type: gradient-probe, epochs: 30, lr: 0.01, batch: 8, runs: 2, patience: 0.5 }
        - { type: knn, k: [1, 3] }
        - { type: few-shot, shots: [1, 2], draws: 3 }
        - { type: grade-probe }
      """;

  @Test
  void everyTaskIsMeasuredAndASecondRunGivesTheSameBytes() throws IOException {
    CommandRun run = evaluate(table(), EVERY_TASK);
    assertThat(run.code()).as(run.err()).isZero();
    JsonNode results = results();
    JsonNode evaluations = results.path("evaluations");
    for (String task :
        List.of(
            "zero-shot",
            "linear-probe",
            "sgd-probe",
            "gradient-probe",
            "knn",
            "few-shot-1",
            "few-shot-2",
            "grade-probe")) {
      for (String of : List.of(task, "random-weights/" + task)) {
        JsonNode figures = evaluations.path(of);
        assertThat(figures.path("accuracy").isNumber()).as(of).isTrue();
        assertThat(figures.path("accuracy_low").asDouble())
            .as(of)
            .isLessThanOrEqualTo(figures.path("accuracy_high").asDouble());
        assertThat(results.path("details").path(of).path("version").asText())
            .isEqualTo(task.startsWith("few-shot") ? "few-shot/2" : task + "/1");
        assertThat(results.path("details").path(of).path("bootstrap").path("units").asInt())
            .as("groups, not tiles")
            .isBetween(1, EACH / 2);
      }
    }
    // Colours are there in the features of any tower, so that what learns finds them.
    assertThat(evaluations.path("linear-probe").path("accuracy").asDouble()).isGreaterThan(0.9);
    assertThat(evaluations.path("knn").path("accuracy").asDouble()).isGreaterThan(0.9);
    assertThat(results.path("inputs").path("model.model.sha256").asText()).hasSize(64);
    assertThat(results.path("inputs").path("sides.sha256").asText()).hasSize(64);
    List<String> table = Files.readAllLines(home.resolve("out/evaluation.csv"));
    assertThat(table.getFirst()).isEqualTo("evaluation,figure,value,low,high");
    assertThat(table).anyMatch(line -> line.startsWith("knn,f1_weighted,"));
    assertThat(run.out()).contains("accuracy over single prompts: mean");
    assertWhatIsTold(run);

    byte[] json = Files.readAllBytes(home.resolve("out/evaluation.json"));
    byte[] csv = Files.readAllBytes(home.resolve("out/evaluation.csv"));
    assertThat(evaluate(table(), EVERY_TASK).code()).isZero();
    assertThat(home.resolve("out/evaluation.json")).hasBinaryContent(json);
    assertThat(home.resolve("out/evaluation.csv")).hasBinaryContent(csv);
  }

  /// Which tiles judge is told with the figures, whose vectors are made before; that a kappa is of
  /// grades is known of one task alone.
  private static void assertWhatIsTold(CommandRun run) {
    assertThat(run.out())
        .containsPattern("(?m)^zero-shot \\(all \\d+ tiles\\)  accuracy ")
        .containsPattern("(?m)^random-weights/knn \\(\\d+ of \\d+ tiles judge\\)  accuracy ");
    assertThat(run.out().lines().filter(line -> line.contains("kappa_quadratic")))
        .hasSize(2)
        .allMatch(line -> line.contains("grade-probe ("));
    assertThat(run.err())
        .contains("model: embedded ", "random-weights: embedded ")
        .contains("random-weights: the same architecture, with weights nothing has trained");
  }

  @Test
  void aRunThatMeasuresItselfHasTheFiguresOfItsEvaluation() throws IOException {
    String tasks = "[{ type: zero-shot }, { type: linear-probe }, { type: knn, k: [3] }]";
    Path recipe = SmallRun.in(home.resolve("watched")).recipe();
    CommandRun trained =
        CommandRun.of(
            "train",
            recipe,
            "evaluate=[{type: tile-tasks, name: tiles, every: 6 steps, tiles: {path: \"%s\"}, prompts: [\"{}.\"], tasks: %s, bootstrap: 40, class-scores: true}]"
                .formatted(table(), tasks),
            "best={metric: tiles.linear-probe.accuracy}",
            "logging.csv=true");
    assertThat(trained.code()).as(trained.err()).isZero();
    Path run = home.resolve("watched/run");
    JsonNode last =
        new ObjectMapper().readTree(Files.readAllLines(run.resolve("log.jsonl")).getLast());
    assertThat(last.path("step").asLong()).isEqualTo(SmallRun.LENGTH);
    CommandRun evaluated =
        evaluate(
            table(),
            "prompts: [\"{}.\"]\nseed: 7\ntasks: %s".formatted(tasks),
            "features={type: clip, path: \"%s\"}".formatted(run),
            "output.dir=\"%s\"".formatted(home.resolve("again")));
    assertThat(evaluated.code()).as(evaluated.err()).isZero();
    JsonNode found =
        new ObjectMapper()
            .readTree(home.resolve("again/evaluation.json").toFile())
            .path("evaluations");
    for (String task : List.of("zero-shot", "linear-probe", "knn")) {
      for (String figure : List.of("accuracy", "accuracy_low", "f1_macro", "auc_macro")) {
        assertThat(last.path(task + "." + figure))
            .as(task + "." + figure)
            .isEqualTo(found.path(task).path(figure));
      }
    }
    assertThat(last.path("zero-shot.recall.red_tissue").isNumber()).isTrue();
    assertThat(last.path("confusion").path("labels")).hasSize(3);
    assertThat(Files.readAllLines(run.resolve("evaluations.csv")))
        .anyMatch(line -> line.matches("12,.*,tiles,knn.accuracy,.*"));
    assertThat(Files.readAllLines(run.resolve("log.csv"))).hasSize(SmallRun.LENGTH + 1);
  }

  @Test
  void singlePromptsAreSpreadOut() throws IOException {
    assertThat(evaluate(table(), EVERY_TASK, "tasks=[{type: zero-shot}]").code()).isZero();
    JsonNode details = results().path("details").path("zero-shot");
    JsonNode single = details.path("single_prompts");
    // Two templates, and two places of names.
    assertThat(single.path("prompts")).hasSize(4);
    double[] accuracies =
        StreamSupport.stream(single.path("prompts").spliterator(), false)
            .mapToDouble(prompt -> prompt.path("accuracy").asDouble())
            .toArray();
    double mean = Arrays.stream(accuracies).average().orElseThrow();
    assertThat(single.path("accuracy").path("mean").asDouble()).isEqualTo(mean);
    assertThat(single.path("accuracy").path("max").asDouble())
        .isEqualTo(Arrays.stream(accuracies).max().orElseThrow());
    assertThat(details.path("names").path("green_tissue").get(0).asText())
        .isEqualTo("green tissue");
    assertThat(details.path("tiles").asInt()).isEqualTo(3 * EACH);
  }

  @Test
  void aModelIsComparedWithAnotherOnTheSameResamples() throws IOException {
    CommandRun run =
        evaluate(
            table(),
            "tasks: [{ type: knn, k: [1] }]\nvalidation: 0 %\ntest: 50 %",
            "against={type: clip, path: %s, remember: false}".formatted(model),
            "random-weights=false");
    assertThat(run.code()).as(run.err()).isZero();
    JsonNode evaluations = results().path("evaluations");
    assertThat(evaluations.path("against/knn")).isEqualTo(evaluations.path("knn"));
    JsonNode difference = evaluations.path("difference/knn");
    assertThat(difference.path("accuracy").asDouble()).isZero();
    assertThat(difference.path("accuracy_p").asDouble()).isEqualTo(1);
    assertThat(evaluations.has("random-weights/knn")).isFalse();
  }

  @Test
  void aModelAndAFolderNeedNoRecipe() throws IOException {
    Path out = home.resolve("by-hand");
    CommandRun run =
        CommandRun.of(
            "evaluate",
            "--model",
            model,
            "--data",
            tiles.folders(home),
            "--out",
            out,
            "--no-cache");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).contains("no row has a group (slide, patient)");
    JsonNode evaluations =
        new ObjectMapper().readTree(out.resolve("evaluation.json").toFile()).path("evaluations");
    assertThat(evaluations.path("zero-shot").path("accuracy").isNumber()).isTrue();
    assertThat(evaluations.path("linear-probe").path("auc_macro").asDouble()).isGreaterThan(0.9);
    assertThat(evaluations.has("knn")).isTrue();
    assertThat(Files.readString(out.resolve("recipe.yaml"))).contains("kind: tile-evaluation");
    assertThat(CommandRun.of("evaluate", "--model", model).err())
        .contains("--model PATH and --data PATH (or --features FILE) belong together");
  }

  @Test
  void embeddingsOfAFileGiveTheNumbersOfTheirModel() throws IOException {
    String knn = "tasks: [{ type: knn }, { type: linear-probe }]";
    assertThat(evaluate(table(), knn).code()).isZero();
    JsonNode ofModel = results().path("evaluations");
    Path file = home.resolve("tiles.parquet");
    CommandRun embedded =
        CommandRun.of("embed", "--model", model, "--images", table(), "--out", file, "--no-cache");
    assertThat(embedded.code()).as(embedded.err()).isZero();
    Path recipe = home.resolve("stored.yaml");
    Files.writeString(
        recipe,
        """
        kind: tile-evaluation
        features: { type: embeddings, path: "%s" }
        %s
        bootstrap: 40
        output: { dir: "%s" }
        """
            .formatted(file, knn, home.resolve("stored")));
    CommandRun run = CommandRun.of("evaluate", recipe);
    assertThat(run.code()).as(run.err()).isZero();
    JsonNode stored = new ObjectMapper().readTree(home.resolve("stored/evaluation.json").toFile());
    for (String task : List.of("knn", "linear-probe")) {
      JsonNode own = stored.path("evaluations").path(task);
      assertThat(own.path("accuracy")).isEqualTo(ofModel.path(task).path("accuracy"));
      assertThat(own.path("accuracy_low")).isEqualTo(ofModel.path(task).path("accuracy_low"));
    }
    assertThat(stored.path("inputs").path("model.model.sha256").asText()).hasSize(64);
    CommandRun texts = CommandRun.of("evaluate", recipe, "tasks=[{type: zero-shot}]");
    assertThat(texts.code()).isEqualTo(ExitCode.DATA);
    assertThat(texts.err())
        .contains("no text is embedded by it; name a model (of stored embeddings: prompts-by)");
  }

  @Test
  void promptsPoolTheTilesOfSlidesByTheModelThatMadeTheFeatures() throws IOException {
    StringBuilder rows = new StringBuilder("filepath,slide\n");
    StringBuilder slides = new StringBuilder("slide,label,part\n");
    for (String label : CLASSES) {
      for (int i = 0; i < EACH; i++) {
        rows.append("%s/t%02d.png,%s-%d\n".formatted(label, i, label, i / 4));
      }
      for (int slide = 0; slide < EACH / 4; slide++) {
        slides.append("%s-%d,%s,test\n".formatted(label, slide, label));
      }
    }
    Path table = Files.writeString(tiles.resolve("bags.csv"), rows);
    Path file = home.resolve("bags.parquet");
    CommandRun embedded =
        CommandRun.of("embed", "--model", model, "--images", table, "--out", file, "--no-cache");
    assertThat(embedded.code()).as(embedded.err()).isZero();
    Path recipe = home.resolve("slides.yaml");
    Files.writeString(
        recipe,
        """
        kind: slide-evaluation
        compute: { device: cpu, threads: 1 }
        features: { path: "%s" }
        slides: { type: table, path: "%s", slide: slide, label: label, folds: [part] }
        prompts-by: { path: "%s" }
        tasks: [{ type: mi-zero, top: [1, 3] }]
        bootstrap: 20
        output: { dir: "%s" }
        """
            .formatted(
                file,
                Files.writeString(home.resolve("slides.csv"), slides),
                model,
                home.resolve("slides")));
    CommandRun run = CommandRun.of("evaluate", recipe);
    assertThat(run.code()).as(run.err()).isZero();
    JsonNode results = new ObjectMapper().readTree(home.resolve("slides/evaluation.json").toFile());
    for (String task : List.of("mi-zero-1", "mi-zero-3")) {
      assertThat(results.path("evaluations").path(task).path("accuracy").isNumber()).isTrue();
      assertThat(results.path("details").path(task).path("samples").path("test").asInt())
          .isEqualTo(3 * EACH / 4);
      assertThat(results.path("details").path(task).path("logit_scale").asDouble())
          .isGreaterThan(1);
    }
    SmallRun other = SmallRun.in(home.resolve("other"));
    other.train("seed=8");
    assertThat(CommandRun.of("evaluate", recipe, "prompts-by.path=" + other.folder()).err())
        .contains("is another model than the one that made");
  }

  @Test
  void protocolsSetEverythingAndSayWhoseItIs() throws IOException {
    CommandRun run = evaluate(table(), "protocol: patho-bench");
    assertThat(run.code()).as(run.err()).isZero();
    JsonNode probe = results().path("details").path("linear-probe");
    assertThat(probe.path("protocol").path("version").asText()).isEqualTo("patho-bench/2");
    assertThat(probe.path("protocol").path("sources").get(0).asText()).contains("Patho-Bench");
    assertThat(probe.path("c").asDouble()).isEqualTo(0.5);
    assertThat(probe.path("bootstrap").path("resamples").asInt()).isEqualTo(100);
    assertThat(probe.path("tiles").path("validation").asInt()).isZero();
    assertThat(evaluate(table(), "protocol: plip\ntasks: [{ type: knn }]").err())
        .contains("the protocol says what is asked");
  }
}
