package dev.eosin.mining;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.eosin.checkpoint.NumpyHeader;
import dev.eosin.config.DataException;
import dev.eosin.mining.ClusterSettings.Rounding;
import dev.eosin.mining.ClusterSettings.Sharing;
import dev.eosin.mining.MiningSettings.Over;
import dev.eosin.mining.PromptSettings.Combine;
import dev.eosin.prepare.Cost;
import dev.eosin.prepare.Outputs;
import dev.eosin.prepare.PreparationContract;
import dev.eosin.prepare.PreparationReport;
import dev.eosin.prepare.PreparationRun;
import dev.eosin.prepare.PreparationSettings;
import dev.eosin.prepare.PreparationSettings.Failed;
import dev.eosin.prepare.PreparationSettings.Limits;
import dev.eosin.prepare.Row;
import dev.eosin.prepare.RowFailedException;
import dev.eosin.prepare.RowPreparation;
import dev.eosin.prepare.RowSteps;
import dev.eosin.prepare.RowSteps.Answer;
import dev.eosin.prepare.RowSteps.Service;
import dev.eosin.prepare.Rows;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TileMiningTest extends PreparationContract {
  private static final ClusterSettings CLUSTERS =
      new ClusterSettings(1.6, Rounding.UP, 6, Sharing.EQUAL, 100);

  @TempDir private Path folder;

  /// An array, and a table beside it.
  private Path saved(String name, float[][] vectors, String header, IntFunction<String> line)
      throws IOException {
    Path file = folder.resolve(name + ".npy");
    try (OutputStream out = Files.newOutputStream(file)) {
      int width = vectors[0].length;
      new NumpyHeader("<f4", List.of((long) vectors.length, (long) width)).writeTo(out);
      ByteBuffer bytes =
          ByteBuffer.allocate(vectors.length * width * 4).order(ByteOrder.LITTLE_ENDIAN);
      for (float[] row : vectors) {
        for (float value : row) {
          bytes.putFloat(value);
        }
      }
      out.write(bytes.array());
    }
    StringBuilder table = new StringBuilder(header + "\n");
    for (int row = 0; row < vectors.length; row++) {
      table.append(line.apply(row)).append('\n');
    }
    Files.writeString(folder.resolve(name + ".csv"), table);
    return file;
  }

  /// Ten slides of sixteen tiles; slides S8 and S9 are of project B.
  private Path images() throws IOException {
    return saved(
        "tiles",
        RecordedMining.read().vectors("tiles"),
        "path,group,label",
        row -> "S%d_%d.jpg,S%d,%s".formatted(row / 16, row, row / 16, row < 128 ? "A" : "B"));
  }

  private PromptSettings prompts(String name, Combine combine, int top, IntFunction<String> group)
      throws IOException {
    Path texts =
        saved(
            name,
            RecordedMining.read().vectors("texts"),
            "path,group",
            row -> "text-%d,%s".formatted(row, group.apply(row)));
    return new PromptSettings(
        name, texts, Optional.of(folder.resolve(name + ".csv")), combine, top);
  }

  private MiningSettings settings(
      List<PromptSettings> prompts, Over over, Optional<Double> similarity, Optional<Double> all)
      throws IOException {
    return new MiningSettings(
        images(),
        Optional.of(folder.resolve("tiles.csv")),
        over,
        prompts,
        Optional.of(CLUSTERS),
        similarity,
        all,
        false,
        Optional.empty());
  }

  private PreparationReport mine(MiningSettings settings) throws IOException {
    var work = new PreparationSettings(2, Failed.OPEN, 50, Limits.NONE);
    return new PreparationRun(folder.resolve("out"), TileMining.open(settings), work, 7)
        .run(progress -> {}, () -> false);
  }

  private JsonNode manifest() throws IOException {
    return new ObjectMapper().readTree(folder.resolve("out/manifest.json").toFile());
  }

  private List<JsonNode> lines(String name) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve("out").resolve(name))) {
      lines.add(new ObjectMapper().readTree(line));
    }
    return lines;
  }

  /// Of recorded files: a process that has no folder of this test's opens them as well.
  @Override
  protected RowPreparation preparation(UnaryOperator<Service> outside) {
    Path recorded = Path.of("src/test/resources/mining");
    try {
      MiningSettings settings =
          new MiningSettings(
              recorded.resolve("tiles.npy"),
              Optional.of(recorded.resolve("tiles.csv")),
              Over.SLIDE,
              List.of(
                  new PromptSettings(
                      "a",
                      recorded.resolve("texts.npy"),
                      Optional.of(recorded.resolve("texts.csv")),
                      Combine.MAX,
                      3)),
              Optional.of(CLUSTERS),
              Optional.of(0.8),
              Optional.of(0.9),
              false,
              Optional.empty());
      return new Asking(
          TileMining.open(settings),
          outside.apply(request -> new Answer(request, Cost.ofCall(0, 0))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The same work, with a question before each row; slide S3 gives nothing.
  private record Asking(RowPreparation same, Service service) implements RowPreparation {
    @Override
    public Rows rows() throws DataException {
      return same.rows();
    }

    @Override
    public Map<String, String> pins() {
      return same.pins();
    }

    @Override
    public List<String> reasons() {
      return same.reasons();
    }

    @Override
    public Outcome prepare(Row row, RowSteps steps)
        throws RowFailedException, IOException, InterruptedException {
      var request = JsonNodeFactory.instance.objectNode().put("row", row.key());
      steps.ask("look", request, Cost.ofCall(0, 0), service);
      return row.key().equals("S3")
          ? new Outcome.Rejected(TileMining.NOTHING_TAKEN, "for this test")
          : same.prepare(row, steps);
    }

    @Override
    public Assembly assemble(Outputs outputs) throws IOException {
      return same.assemble(outputs);
    }
  }

  @Test
  void everySlideGivesItsTargetsOrTheCountsSayWhyNot() throws IOException {
    PreparationReport report =
        mine(
            settings(
                List.of(
                    prompts("attributes", Combine.MAX, 4, row -> row < 3 ? "A" : "B"),
                    prompts("findings", Combine.SUM, 20, row -> "S" + row)),
                Over.SLIDE,
                Optional.of(0.8),
                Optional.of(0.9)));
    assertThat(report.funnel().kept()).isEqualTo(10);
    JsonNode manifest = manifest();
    long kept = 0;
    for (Map.Entry<String, JsonNode> rule : manifest.path("rules").properties()) {
      JsonNode count = rule.getValue();
      long told = 0;
      for (String name : List.of("kept", "twice", "similar", "too_few")) {
        told += count.path(name).asLong();
      }
      assertThat(told).as(rule.getKey()).isEqualTo(count.path("target").asLong());
      kept += count.path("kept").asLong();
    }
    assertThat(manifest.path("rules").path("attributes").path("target").asLong()).isEqualTo(40);
    // Five slides have a finding, and no slide has twenty tiles.
    assertThat(manifest.path("rules").path("findings").path("too_few").asLong())
        .isEqualTo(5 * 20 + 5 * 4);
    List<JsonNode> mined = lines("mined.jsonl");
    assertThat(mined).hasSize(manifest.path("kept").asInt());
    assertThat(manifest.path("kept").asLong() + manifest.path("similar_in_collection").asLong())
        .isEqualTo(kept);
    assertThat(Files.readAllLines(folder.resolve("out/names.txt")))
        .isEqualTo(mined.stream().map(line -> line.path("path").asText()).toList());
    assertThat(lines("dropped.jsonl"))
        .allSatisfy(
            line ->
                assertThat(line.path("cosine").asDouble())
                    .isGreaterThan(line.path("reason").asText().equals("similar") ? 0.8 : 0.9));
  }

  @Test
  void promptsOfOneGroupChooseOfThisGroupAlone() throws IOException {
    mine(
        settings(
            List.of(prompts("a", Combine.MAX, 16, row -> "S4")),
            Over.SLIDE,
            Optional.empty(),
            Optional.empty()));
    for (JsonNode line : lines("mined.jsonl")) {
      boolean byPrompt =
          line.path("by").valueStream().anyMatch(by -> by.path("rule").asText().equals("a"));
      assertThat(byPrompt).isEqualTo(line.path("slide").asText().equals("S4"));
    }
  }

  @Test
  void aCollectionIsMinedAsOne() throws IOException {
    RecordedMining recorded = RecordedMining.read();
    mine(
        settings(
            List.of(prompts("a", Combine.MAX, 25, row -> "")),
            Over.COLLECTION,
            Optional.empty(),
            Optional.empty()));
    int[] expected = recorded.whole("by_max");
    List<JsonNode> mined = lines("mined.jsonl");
    for (int i = 0; i < 25; i++) {
      assertThat(mined.get(i).path("row").asInt()).isEqualTo(expected[i]);
    }
    assertThat(manifest().path("slides").asInt()).isEqualTo(1);
  }

  @Test
  void whatDoesNotBelongTogetherIsRefused() throws IOException {
    MiningSettings good =
        settings(
            List.of(prompts("a", Combine.MAX, 3, row -> "")),
            Over.SLIDE,
            Optional.empty(),
            Optional.empty());
    mine(good);
    saved("a", new float[][] {{1, 0}}, "path,group", row -> "text,");
    assertThatThrownBy(() -> TileMining.open(good))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("they are of different models");
    prompts("a", Combine.MAX, 3, row -> "A");
    assertThatThrownBy(() -> mine(good)).hasMessageContaining("mine.prompts.a");
    Files.writeString(
        folder.resolve("tiles.csv"),
        Files.readString(folder.resolve("tiles.csv")).replace(",S7,", ",,"));
    assertThatThrownBy(() -> TileMining.open(good))
        .hasMessageContaining("row 112, S7_112.jpg, has no group");
    assertThatThrownBy(
            () ->
                new MiningSettings(
                    good.images(),
                    Optional.empty(),
                    Over.SLIDE,
                    List.of(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    false,
                    Optional.empty()))
        .hasMessageContaining("nothing chooses tiles");
  }
}
