package dev.eosin.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.checkpoint.SafetensorsWriter;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.eval.samples.SampleResults;
import dev.eosin.eval.samples.SamplesFile;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
}
