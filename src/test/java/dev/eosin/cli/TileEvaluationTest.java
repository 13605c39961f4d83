package dev.eosin.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import dev.eosin.run.SmallRun;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.StreamSupport;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Tiles of three colours, and a small model that sees colours.
class TileEvaluationTest {
  private static final List<String> CLASSES = List.of("red_tissue", "green_tissue", "blue_tissue");
  private static final int EACH = 16;
  private static final int SIDE = 32;

  @TempDir private static Path shared;
  @TempDir private Path home;

  private static Path model;
  private static Path tiles;

  @BeforeAll
  static void trainAndDraw() throws IOException {
    SmallRun run = SmallRun.in(shared.resolve("small"));
    run.train();
    model = run.folder();
    tiles = draw(shared.resolve("tiles"));
  }

  private static Path draw(Path folder) throws IOException {
    StringBuilder table = new StringBuilder("filepath,label,slide\n");
    for (int label = 0; label < CLASSES.size(); label++) {
      Path of = Files.createDirectories(folder.resolve(CLASSES.get(label)));
      for (int i = 0; i < EACH; i++) {
        RandomStream random = new RandomKey(5).stream(RandomKey.Purpose.SYNTHETIC_TILE, label, i);
        BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
        for (int pixel = 0; pixel < SIDE * SIDE; pixel++) {
          int colour = 0;
          for (int channel = 0; channel < 3; channel++) {
            int value = (channel == label ? 140 : 60) + random.nextInt(80);
            colour = colour << 8 | value;
          }
          image.setRGB(pixel % SIDE, pixel / SIDE, colour);
        }
        ImageIO.write(image, "png", of.resolve("t%02d.png".formatted(i)).toFile());
        table.append(
            "%s/t%02d.png,%s,slide%d\n"
                .formatted(CLASSES.get(label), i, CLASSES.get(label), i / 2));
      }
    }
    Files.writeString(folder.resolve("labels.csv"), table);
    return folder;
  }

  private CommandRun evaluate(String data, String more, String... overrides) throws IOException {
    Path recipe = home.resolve("recipe.yaml");
    Files.writeString(
        recipe,
        """
        kind: tile-evaluation
        compute: { device: cpu, threads: 1 }
        features: { type: clip, path: "%s" }
        tiles: { path: "%s" }
        bootstrap: 40
        output: { dir: "%s" }
        %s
        """
            .formatted(model, data, home.resolve("out"), more));
    List<Object> all = new ArrayList<>(List.of("evaluate", recipe));
    all.addAll(List.of(overrides));
    return CommandRun.of(all.toArray());
  }

  private String table() {
    return tiles.resolve("labels.csv").toString();
  }

  private JsonNode results() throws IOException {
    return new ObjectMapper().readTree(home.resolve("out/evaluation.json").toFile());
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
        assertThat(results.path("details").path(of).path("version").asText()).contains("/1");
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

    byte[] json = Files.readAllBytes(home.resolve("out/evaluation.json"));
    byte[] csv = Files.readAllBytes(home.resolve("out/evaluation.csv"));
    assertThat(evaluate(table(), EVERY_TASK).code()).isZero();
    assertThat(home.resolve("out/evaluation.json")).hasBinaryContent(json);
    assertThat(home.resolve("out/evaluation.csv")).hasBinaryContent(csv);
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
            "tasks: [{ type: knn, k: [1] }]\nvalidation: 0 %",
            "against={type: clip, path: %s}".formatted(model),
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
    CommandRun run = CommandRun.of("evaluate", "--model", model, "--data", folders(), "--out", out);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).contains("no row has a group (slide, patient)");
    JsonNode evaluations =
        new ObjectMapper().readTree(out.resolve("evaluation.json").toFile()).path("evaluations");
    assertThat(evaluations.path("zero-shot").path("accuracy").isNumber()).isTrue();
    assertThat(evaluations.path("linear-probe").path("auc_macro").asDouble()).isGreaterThan(0.9);
    assertThat(evaluations.has("knn")).isTrue();
    assertThat(Files.readString(out.resolve("recipe.yaml"))).contains("kind: tile-evaluation");
    assertThat(CommandRun.of("evaluate", "--model", model).err())
        .contains("--model PATH and --data PATH belong together");
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
    assertThat(texts.err()).contains("no text is embedded by it; name a model");
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
    }
    SmallRun other = SmallRun.in(home.resolve("other"));
    other.train("seed=8");
    assertThat(CommandRun.of("evaluate", recipe, "prompts-by.path=" + other.folder()).err())
        .contains("is another model than the one that made");
  }

  /// A folder of class folders alone.
  private Path folders() throws IOException {
    Path folder = home.resolve("folders");
    for (String label : CLASSES) {
      Path to = Files.createDirectories(folder.resolve(label));
      for (int i = 0; i < EACH; i++) {
        String name = "t%02d.png".formatted(i);
        Files.copy(tiles.resolve(label).resolve(name), to.resolve(name));
      }
    }
    return folder;
  }

  @Test
  void protocolsSetEverythingAndSayWhoseItIs() throws IOException {
    CommandRun run = evaluate(table(), "protocol: patho-bench");
    assertThat(run.code()).as(run.err()).isZero();
    JsonNode probe = results().path("details").path("linear-probe");
    assertThat(probe.path("protocol").path("version").asText()).isEqualTo("patho-bench/1");
    assertThat(probe.path("protocol").path("sources").get(0).asText()).contains("Patho-Bench");
    assertThat(probe.path("c").asDouble()).isEqualTo(32 * 3 / 100.0);
    assertThat(probe.path("bootstrap").path("resamples").asInt()).isEqualTo(100);
    assertThat(probe.path("tiles").path("validation").asInt()).isZero();
    assertThat(evaluate(table(), "protocol: plip\ntasks: [{ type: knn }]").err())
        .contains("the protocol says what is asked");
  }

  @Test
  void whatIsWrongWithTilesIsSaidBeforeAnythingIsEmbedded() throws IOException {
    String task = "tasks: [{ type: knn, k: [1] }]\nvalidation: 0 %";
    assertThat(evaluate(table(), task, "classes=[{label: red_tissue}, {label: grey}]").err())
        .contains("tiles have labels that are not listed: [blue_tissue, green_tissue]");
    String some = "classes=[{label: red_tissue}, {label: green_tissue}]";
    CommandRun left = evaluate(table(), task, some, "other-labels=leave-out");
    assertThat(left.code()).as(left.err()).isZero();
    assertThat(left.err()).contains("16 tiles have labels that are not listed");
    assertThat(
            evaluate(
                    table(),
                    task,
                    "classes=[{label: red_tissue}, {label: grey}]",
                    "other-labels=leave-out")
                .err())
        .contains("the class 'grey' has no tile");
    Path twice = tiles.resolve("twice.csv");
    String row = "red_tissue/t00.png,red_tissue,s\n";
    Files.writeString(twice, "filepath,label,slide\n" + row + row);
    assertThat(evaluate(twice.toString(), task).err()).contains("rows 1 and 2 are the same tile");
    assertThat(evaluate(home.resolve("none").toString(), task).err())
        .contains("no such folder or table");
    assertThat(evaluate(table(), "tasks: [{ type: few-shot, shots: [99] }]").err())
        .contains("99 shots are asked for");
    String longPrompt = "prompts=['%s{}']".formatted("tissue ".repeat(20));
    assertThat(evaluate(table(), "tasks: [{ type: zero-shot }]", longPrompt).err())
        .contains("tokens, and", "takes 16; shorten it");
    assertThat(evaluate(table(), "tasks: [{ type: knn }]", "validation=0 %").err())
        .contains("chooses on validation tiles, and there are none");
    assertThat(evaluate(table(), "tasks: [{ type: knn }, { type: knn }]").err())
        .contains("two are called 'knn'");
  }

  @Test
  void imagesThatCannotBeReadAreLeftOutAndSaid() throws IOException {
    Path folder = folders();
    Files.writeString(folder.resolve("red_tissue/t03.png"), "no image");
    String task = "tasks: [{ type: knn, k: [1] }]\nvalidation: 0 %";
    CommandRun refused = evaluate(folder.toString(), task);
    assertThat(refused.code()).isEqualTo(ExitCode.DATA);
    assertThat(refused.err()).contains("1 of 48 images cannot be read", "t03.png");
    CommandRun run = evaluate(folder.toString(), task, "unreadable=5 %");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).contains("1 of 48 images cannot be read");
    assertThat(results().path("inputs").path("tiles.count").asInt()).isEqualTo(47);
    assertThat(results().path("inputs").path("tiles.left_out").asInt()).isEqualTo(1);
    assertThat(results().path("details").path("knn").path("left_out").get(0).asText())
        .startsWith("red_tissue/t03.png: ");
  }

  @Test
  void neighboursShareTheClassOrTheCentre() throws IOException {
    String task = "tasks: [{ type: centre-robustness, k: 5 }]\nrandom-weights: false";
    StringBuilder rows = new StringBuilder("filepath,label,slide,hospital\n");
    StringBuilder mixed = new StringBuilder("filepath,label,slide,hospital\n");
    for (int of = 0; of < CLASSES.size(); of++) {
      for (int i = 0; i < EACH; i++) {
        String path = "%s/t%02d.png".formatted(CLASSES.get(of), i);
        rows.append("%s,%s,s%d-%d,h%d\n".formatted(path, CLASSES.get(of), of, i, i % 2));
        // The colour, which decides who is near, is the hospital here, and the class is nothing.
        mixed.append("%s,c%d,s%d-%d,h%d\n".formatted(path, i % 2, of, i, of));
      }
    }
    Path byClass = Files.writeString(tiles.resolve("by-class.csv"), rows);
    CommandRun run = evaluate(byClass.toString(), task, "tiles.centre=hospital");
    assertThat(run.code()).as(run.err()).isZero();
    String of = "centre-robustness";
    assertThat(results().path("evaluations").path(of).path("robustness_index").asDouble())
        .isGreaterThan(0.9);
    Path byCentre = Files.writeString(tiles.resolve("by-centre.csv"), mixed);
    assertThat(evaluate(byCentre.toString(), task, "tiles.centre=hospital").code()).isZero();
    assertThat(results().path("evaluations").path(of).path("robustness_index").asDouble())
        .isLessThan(0.1);
    assertThat(evaluate(table(), task).err()).contains("48 tiles have no centre");
  }

  @Test
  void aClassWithoutATileThatJudgesHasNoArea() throws IOException {
    StringBuilder rows = new StringBuilder("filepath,label,slide,split\n");
    for (String label : CLASSES) {
      for (int i = 0; i < EACH; i++) {
        boolean test = i % 2 == 0 && !label.equals("blue_tissue");
        rows.append(
            "%s/t%02d.png,%s,s%d,%s\n".formatted(label, i, label, i, test ? "test" : "train"));
      }
    }
    Path table = Files.writeString(tiles.resolve("no-blue.csv"), rows);
    CommandRun run = evaluate(table.toString(), "tasks: [{ type: linear-probe }]");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("auc_macro is not defined, since the tiles that judge are all or none of blue");
    JsonNode figures = results().path("evaluations").path("linear-probe");
    assertThat(figures.path("auc_macro").isNull()).isTrue();
    assertThat(figures.has("auc_macro_low")).isFalse();
    assertThat(figures.path("accuracy").isNumber()).isTrue();
  }
}
