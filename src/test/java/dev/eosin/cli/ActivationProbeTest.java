package dev.eosin.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.checkpoint.SafetensorsWriter;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.eval.activations.StoredActivations;
import dev.eosin.eval.samples.SampleResults;
import dev.eosin.eval.samples.SamplesFile;
import dev.eosin.image.Png;
import dev.eosin.image.RgbImage;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import dev.eosin.recipe.Evaluation;
import dev.eosin.run.Evaluations;
import dev.eosin.vllm.TinyVisionLanguage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Layers of which one knows the classes.
class ActivationProbeTest {
  private static final int ROWS = 120;
  private static final int WIDTH = 4;

  @TempDir private Path home;

  /// Ten layers of noise; the last but one has the class in a number of its own.
  private Path states(boolean named) throws IOException {
    var writer = new SafetensorsWriter(Map.of());
    for (int layer = 1; layer <= 10; layer++) {
      RandomStream random = new RandomKey(layer).stream(RandomKey.Purpose.BOOTSTRAP, 0, layer);
      float[] values = new float[ROWS * WIDTH];
      for (int i = 0; i < values.length; i++) {
        int row = i / WIDTH;
        boolean tells = layer == 9 && i % WIDTH == 2;
        values[i] = (float) (random.nextDouble() + (tells ? 3 * (row % 3) : 0));
      }
      writer.add("layer_" + layer, TensorData.of(values, ROWS, WIDTH));
    }
    Path file = home.resolve("states.safetensors");
    writer.write(file);
    StringBuilder table =
        new StringBuilder(named ? "filepaths,cat,is_test,slide\n" : "filepaths,cat\n");
    for (int row = 0; row < ROWS; row++) {
      table.append("t%d.png,%d".formatted(row, row % 3));
      table.append(named ? ",%s,s%d\n".formatted(row % 4 == 0 ? "True" : "False", row / 4) : "\n");
    }
    Files.writeString(home.resolve("rows.csv"), table);
    return file;
  }

  private CommandRun probe(Path states, String... more) throws IOException {
    Path recipe = home.resolve("probe.yaml");
    Files.writeString(
        recipe,
        """
        kind: activation-probe
        states: "%s"
        table: "%s"
        bootstrap: 50
        output: { dir: "%s" }
        """
            .formatted(states, home.resolve("rows.csv"), home.resolve("out")));
    List<Object> all = new ArrayList<>(List.of("evaluate", recipe));
    all.addAll(List.of(more));
    return CommandRun.of(all.toArray());
  }

  private JsonNode results() throws IOException {
    return new ObjectMapper().readTree(home.resolve("out/evaluation.json").toFile());
  }

  /// Ten layers over ranks, also more of these than layers.
  @Test
  void ranksFindWhatAProcessAloneFinds() throws Exception {
    assertThat(probe(states(true)).code()).isZero();
    List<String> files = new ArrayList<>(EvaluationOnRanks.RESULTS);
    files.add(SamplesFile.NAME);
    EvaluationOnRanks.shareAsOne(
        home.resolve("probe.yaml"), List.of(), home, files, List.of(3, 11));
  }

  @Test
  void theLayerThatKnowsTheClassesIsFound() throws IOException {
    CommandRun run = probe(states(true));
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out() + run.err())
        .contains("best on validation: layer 9")
        .contains("30 to judge by");
    JsonNode results = results();
    JsonNode best = results.path("evaluations").path("activation-probe");
    assertThat(best.path("best_layer").asInt()).isEqualTo(9);
    assertThat(best.path("accuracy").asDouble()).isEqualTo(1);
    JsonNode layers = results.path("details").path("activation-probe").path("layers");
    assertThat(layers)
        .extracting(layer -> layer.path("layer").asInt())
        .containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    assertThat(layers.get(8).path("auc").path("2").asDouble()).isEqualTo(1);
    JsonNode other = layers.get(3);
    assertThat(other.path("accuracy").asDouble()).isLessThan(0.8);
    assertThat(other.path("accuracy_low").asDouble())
        .isLessThanOrEqualTo(other.path("accuracy").asDouble());
    assertThat(results.path("inputs").path("states.states.safetensors.sha256").asText())
        .hasSize(64);
    byte[] first = Files.readAllBytes(home.resolve("out/evaluation.json"));
    assertThat(probe(home.resolve("states.safetensors")).code()).isZero();
    assertThat(home.resolve("out/evaluation.json")).hasBinaryContent(first);
  }

  @Test
  void whatIsFoundOfRowsIsKeptShownAndCompared() throws IOException {
    Path states = states(true);
    assertThat(probe(states).code()).isZero();
    Path other = home.resolve("other");
    CommandRun run = probe(states, "layers=4", "output.dir=\"%s\"".formatted(other));
    assertThat(run.code()).as(run.err()).isZero();
    var samples = SamplesFile.read(home.resolve("out").resolve(SamplesFile.NAME));
    SampleResults kept = Objects.requireNonNull(samples.get("activation-probe"));
    assertThat(kept.samples()).hasSize(30);
    assertThat(kept.figures().value("f1_macro"))
        .isEqualTo(results().at("/evaluations/activation-probe/f1_macro").asDouble());
    String page = Files.readString(home.resolve("out/report.html"));
    assertThat(page)
        .contains("best on validation: layer 9", "figures over layers", "ROC")
        .doesNotContain("layer 3  accuracy");
    Path compared = home.resolve("compared");
    CommandRun both = CommandRun.of("compare", home.resolve("out"), other, "--out", compared);
    assertThat(both.code()).as(both.err()).isZero();
    JsonNode rows =
        new ObjectMapper().readTree(compared.resolve("comparison.json").toFile()).path("rows");
    for (JsonNode row : rows) {
      if (row.path("figure").asText().equals("accuracy")) {
        assertThat(row.path("differences").path(0).path("high").asDouble())
            .as("the other layer knows less")
            .isLessThan(0);
      }
    }
    assertThat(rows).anyMatch(row -> row.path("figure").asText().equals("accuracy"));
  }

  @Test
  void sidesAreDrawnWhereNothingNamesThemAndSaidToBe() throws IOException {
    CommandRun run = probe(states(false), "layers=9", "test=30 %");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out() + run.err()).contains("no row has a group (slide, patient)");
    JsonNode rows = results().path("details").path("activation-probe").path("rows");
    assertThat(rows.path("test").asInt()).isBetween(20, 52);
    int all = rows.path("train").asInt() + rows.path("validation").asInt();
    assertThat(all + rows.path("test").asInt()).isEqualTo(ROWS);
  }

  @Test
  void whatCannotBeProbedIsSaidInOneLine() throws IOException {
    Path states = states(true);
    assertThat(probe(states, "layers=12").err()).contains("layers: 12 is none of the model's");
    assertThat(probe(states, "layers=last").err()).contains("'last' is no layer");
    assertThat(probe(states, "strengths=[0]").err()).contains("numbers above 0 are expected");
    assertThat(probe(states, "test=100 %").err()).contains("leaves one side empty");
    assertThat(probe(home.resolve("none.parquet")).err()).contains("no such file or folder");
    Files.writeString(home.resolve("rows.csv"), "filepaths,cat\n" + "a.png,1\n".repeat(ROWS));
    assertThat(probe(states).err()).contains("a probe tells classes apart; its rows have");
    StringBuilder rest = new StringBuilder("filepaths,cat,is_test\nb.png,0,True\n");
    for (int row = 1; row < ROWS; row++) {
      rest.append("a%d.png,1,False\n".formatted(row));
    }
    Files.writeString(home.resolve("rows.csv"), rest);
    assertThat(probe(states).code()).isNotZero();
    assertThat(probe(states).err()).contains("no row of the class '0' is among the");
    Files.writeString(home.resolve("rows.csv"), "filepaths,cat\na.png,1\nb.png,2\n");
    assertThat(probe(states).err()).contains("states of 2 rows are expected");
  }

  @Test
  void rowsOfOneClassAndRowsThatComeTwiceAreSaid() throws IOException {
    Path states = states(true);
    Path table = home.resolve("rows.csv");
    String rows = Files.readString(table);
    Files.writeString(table, rows.replaceAll("(?m),\\d,True", ",1,True"));
    CommandRun run = probe(states, "layers=9");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("activation-probe: auc_macro is not defined, since the tiles that judge are all");
    assertThat(results().path("evaluations").path("activation-probe").path("auc_macro").isNull())
        .isTrue();
    Files.writeString(table, rows.replace("t7.png", "t3.png"));
    CommandRun twice = probe(states, "layers=9");
    assertThat(twice.code()).isEqualTo(ExitCode.DATA);
    assertThat(twice.err()).contains("rows 4 and 8 are the same tile, t3.png");
  }

  /// A model that sees, and tiles of three brightnesses in class folders.
  private String live(String... more) throws IOException {
    Path model = TinyVisionLanguage.in(home.resolve("model"));
    for (int i = 0; i < 24; i++) {
      byte[] pixels = new byte[3 * 20 * 20];
      Arrays.fill(pixels, (byte) (40 + 80 * (i % 3) + i));
      Path of = Files.createDirectories(home.resolve("tiles/grey%d".formatted(i % 3)));
      Files.write(of.resolve("t%02d.png".formatted(i)), Png.encode(new RgbImage(20, 20, pixels)));
    }
    Path recipe = home.resolve("live.yaml");
    Files.writeString(
        recipe,
        """
        kind: activation-probe
        compute: { device: cpu, threads: 1 }
        live: { model: "%s", images: { path: "%s" } }
        bootstrap: 20
        output: { dir: "%s" }
        %s
        """
            .formatted(
                model, home.resolve("tiles"), home.resolve("live"), String.join("\n", more)));
    return recipe.toString();
  }

  private JsonNode liveResults() throws IOException {
    return new ObjectMapper().readTree(home.resolve("live/evaluation.json").toFile());
  }

  @Test
  void aModelIsAskedLiveAndItsStatesAreThoseOfEmbed() throws IOException {
    String recipe = live();
    CommandRun run = CommandRun.of("evaluate", recipe);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).contains("states of row 24 of 24");
    Path embedded = home.resolve("e.safetensors");
    CommandRun embed =
        CommandRun.of(
            "embed",
            "--model",
            home.resolve("model"),
            "--device",
            "cpu",
            "--threads",
            1,
            "--images",
            home.resolve("tiles"),
            "--layers",
            "all",
            "--out",
            embedded);
    assertThat(embed.code()).as(embed.err()).isZero();
    try (var live =
            StoredActivations.open(home.resolve("live/states.safetensors"), Optional.empty());
        var stored = StoredActivations.open(embedded, Optional.empty())) {
      assertThat(live.layers()).hasSizeGreaterThan(1).isEqualTo(stored.layers());
      assertThat(live.rows()).isEqualTo(stored.rows());
      for (int layer : live.layers()) {
        for (int row = 0; row < 24; row++) {
          assertThat(live.states(layer)[row])
              .containsExactly(stored.states(layer)[row], within(1e-5f));
        }
      }
      assertThat(liveResults().at("/details/activation-probe/layers"))
          .extracting(layer -> layer.path("layer").asInt())
          .containsExactlyElementsOf(live.layers());
    }
    assertThat(liveResults().at("/inputs/states.prompt").asText())
        .isEqualTo("What's on this image?");
    assertThat(Files.readString(home.resolve("live/report.html")))
        .contains("figures over layers", "data:image");
    byte[] first = Files.readAllBytes(home.resolve("live/evaluation.json"));
    CommandRun again = CommandRun.of("evaluate", recipe);
    assertThat(again.err()).contains("is there already, of the same model and rows");
    assertThat(home.resolve("live/evaluation.json")).hasBinaryContent(first);
    CommandRun other = CommandRun.of("evaluate", recipe, "live.prompt=Dark?");
    assertThat(other.code()).isEqualTo(ExitCode.DATA);
    assertThat(other.err()).contains("prompt was", "and is 'Dark?'");
  }

  /// Twenty-four images by turns, then the layers.
  @Test
  void ranksAskALiveModelAsAProcessAloneDoes() throws Exception {
    EvaluationOnRanks.shareAsOne(
        Path.of(live()), List.of(), home, EvaluationOnRanks.RESULTS, List.of(2, 5));
  }

  @Test
  void aLiveProbeThatIsStoppedGoesOnToTheSameBytes() throws IOException {
    Evaluation recipe = Evaluation.read(Path.of(live()), List.of());
    var listener = new Evaluations.Listener(note -> {}, result -> {}, progress -> {});
    assertThat(Evaluations.run(recipe, "0", listener, () -> false)).isPresent();
    byte[] whole = Files.readAllBytes(home.resolve("live/evaluation.json"));
    Files.delete(home.resolve("live/states.safetensors"));
    var asked = new AtomicInteger();
    assertThat(Evaluations.run(recipe, "0", listener, () -> asked.incrementAndGet() > 9)).isEmpty();
    assertThat(home.resolve("live/states.safetensors.part")).exists();
    assertThat(home.resolve("live/states.safetensors")).doesNotExist();
    List<String> told = new ArrayList<>();
    var hears = new Evaluations.Listener(note -> {}, result -> {}, told::add);
    assertThat(Evaluations.run(recipe, "0", hears, () -> false)).isPresent();
    assertThat(told).anyMatch(line -> line.contains("goes on behind"));
    JsonNode before = new ObjectMapper().readTree(whole);
    assertThat(liveResults().path("evaluations")).isEqualTo(before.path("evaluations"));
    assertThat(liveResults().path("details")).isEqualTo(before.path("details"));
  }

  @Test
  void theProtocolTrainsAsMultimodalProbesAndChoosesNothing() throws IOException {
    CommandRun run = probe(states(true), "protocol=multimodal-probes", "layers=8-9");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out() + run.err())
        .contains("90 rows to learn from, 0 to choose with, 30 to judge by")
        .contains("no rows choose a layer: the figures are those of the last, layer 9");
    JsonNode details = results().at("/details/activation-probe");
    assertThat(details.at("/protocol/version").asText()).isEqualTo("multimodal-probes-layers/1");
    JsonNode last = details.path("layers").get(1);
    assertThat(last.path("c").isNull()).isTrue();
    assertThat(last.path("validation_accuracy").isNull()).isTrue();
    assertThat(results().at("/evaluations/activation-probe/layer").asInt()).isEqualTo(9);
    assertThat(results().at("/evaluations/activation-probe").has("best_layer")).isFalse();
  }

  @Test
  void bothStatesAndAModelOrNeitherAreRefused() throws IOException {
    CommandRun neither =
        CommandRun.of(
            "evaluate",
            Files.writeString(
                home.resolve("n.yaml"), "kind: activation-probe\noutput: { dir: x }\n"));
    assertThat(neither.code()).isEqualTo(ExitCode.USAGE);
    assertThat(neither.err()).contains("live", "missing key; give it, or 'states' in its place");
    CommandRun table = CommandRun.of("evaluate", live("table: rows.csv"));
    assertThat(table.err()).contains("table", "is shown the images of live.images; leave it out");
  }
}
