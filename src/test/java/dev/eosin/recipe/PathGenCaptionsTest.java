package dev.eosin.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.data.synthetic.SyntheticTiles;
import dev.eosin.image.Png;
import dev.eosin.random.RandomKey;
import dev.eosin.run.SmallRun;
import dev.eosin.text.ClipTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The 500 published sample records of PathGen-1.6M, which a folder named by `EOSIN_SHARED` (or
/// `../shared`) may hold in `data`, train beside drawn tiles under the names that the tiles cropped
/// from the slides would have.
class PathGenCaptionsTest {
  private static final int CONTEXT = 77;
  private static final int BATCH = 25;
  private static final int STEPS = 40;

  /// What a caption may name, in the order of the drawn classes that show it.
  private static final List<String> SHOWN =
      List.of(
          "normal",
          "adenocarcinoma",
          "squamous",
          "fibr",
          "muscle",
          "adipo",
          "lymph",
          "mucin",
          "necro");

  @TempDir Path folder;

  @Test
  void fiveHundredRealCaptionsTrain() throws IOException {
    JsonNode records = new ObjectMapper().readTree(Files.readString(sample()));
    drawTiles(records);
    SmallRun run = SmallRun.in(folder.resolve("home"));
    trainOnPathGen(run);

    run.train();

    List<JsonNode> rows = run.rows().stream().filter(row -> row.has("loss")).toList();
    assertThat(rows).hasSize(STEPS);
    assertThat(rows).allSatisfy(row -> assertThat(row.path("loss").asDouble()).isFinite());
    assertThat(meanLoss(rows.subList(STEPS - 5, STEPS)))
        .isLessThan(0.95 * meanLoss(rows.subList(0, 5)));
    // Better than guessing which of the batch's captions a tile belongs to.
    assertThat(meanLoss(rows.subList(STEPS - 10, STEPS))).isLessThan(Math.log(BATCH));
    // An epoch is 20 batches, and each caption comes once in it.
    assertThat(truncated(rows.subList(0, records.size() / BATCH))).isEqualTo(tooLong(records));
  }

  private void drawTiles(JsonNode records) throws IOException {
    assertThat(records).hasSize(500);
    SyntheticTiles tiles = new SyntheticTiles(new RandomKey(0), 0, 32);
    for (int i = 0; i < records.size(); i++) {
      JsonNode record = records.get(i);
      String name =
          "%s_%s_%s.png"
              .formatted(
                  record.path("wsi_id").asText(),
                  record.path("position").path(0).asText(),
                  record.path("position").path(1).asText());
      // Classes take turns in nines: this tile is of the class that the caption names.
      long index = (long) SHOWN.size() * i + shown(record.path("caption").asText());
      Files.write(folder.resolve(name), Png.encode(tiles.draw(index)));
    }
  }

  private static int shown(String caption) {
    String text = caption.toLowerCase(Locale.ROOT);
    for (int i = 0; i < SHOWN.size(); i++) {
      if (text.contains(SHOWN.get(i))) {
        return i;
      }
    }
    return 0;
  }

  private void trainOnPathGen(SmallRun run) throws IOException {
    Path model = run.recipe().resolveSibling("model.json");
    Files.writeString(
        model,
        Files.readString(model)
            .replace("\"context_length\": 16", "\"context_length\": " + CONTEXT));
    String source =
        "train: { type: pathgen-json, path: \"%s\", images: \"%s\" }".formatted(sample(), folder);
    String recipe =
        Files.readString(run.recipe())
            .replaceAll("train: \\{ type: synthetic.*", source)
            .replaceAll("(?m)^ *validation: \\{ type: synthetic.*\n", "")
            .replaceAll("(?m)^ *- \\{ type: .*\n", "")
            .replace("evaluate:", "evaluate: []")
            .replace("text: { length: 16 }", "text: { length: %d }".formatted(CONTEXT))
            .replace("global: 8", "global: " + BATCH)
            .replace(
                "length: %d steps".formatted(SmallRun.LENGTH), "length: %d steps".formatted(STEPS));
    Files.writeString(run.recipe(), recipe);
  }

  private static double meanLoss(List<JsonNode> rows) {
    return rows.stream().mapToDouble(row -> row.path("loss").asDouble()).average().orElseThrow();
  }

  private static long truncated(List<JsonNode> rows) {
    return Math.round(
        rows.stream().mapToDouble(row -> BATCH * row.path("truncated").asDouble()).sum());
  }

  private static long tooLong(JsonNode records) {
    ClipTokenizer tokenizer = ClipTokenizer.load();
    List<String> captions = new ArrayList<>();
    records.forEach(record -> captions.add(record.path("caption").asText()));
    return captions.stream().filter(text -> tokenizer.untruncatedLength(text) > CONTEXT).count();
  }

  private static Path sample() {
    String shared = System.getenv().getOrDefault("EOSIN_SHARED", "../shared");
    Path file = Path.of(shared, "data", "pathgen-captions-sample", "pathgen_sample_500.json");
    assumeTrue(
        Files.isRegularFile(file),
        () ->
            "no file %s: name a folder that holds data/%s by the environment variable"
                    .formatted(file, "pathgen-captions-sample")
                + " EOSIN_SHARED");
    return file.toAbsolutePath();
  }
}
