package dev.eosin.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.image.Png;
import dev.eosin.image.RgbImage;
import dev.eosin.train.Trainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A run on a mixture of two tables whose validation is held out by slide, with slides kept apart
/// in each batch and long captions shortened by sentences: all that decides what stands where, at
/// once.
class MixedRunTest {
  private static final String CAPTION =
      "Glands of tile %d are fused. Nuclei are large and dark. The stroma is dense.";

  @TempDir static Path home;
  private static SmallRun uninterrupted;
  private static SmallRun.Notes notes;

  @BeforeAll
  static void trainInOneGo() throws IOException {
    uninterrupted = SmallRun.in(home.resolve("uninterrupted"));
    String recipe = Files.readString(uninterrupted.recipe());
    String train =
        """
          train:
            type: mixture
            epoch: 36 samples
            parts:
              - { name: few, weight: 1, source: %s }
              - { name: many, weight: 3, source: %s }
          train-order: { groups: spread }
          validation: { type: split, share: 25 %%, seed: 1 }
        """
            .formatted(table("few", 20), table("many", 60));
    recipe =
        recipe
            .replaceFirst("(?m)^  train: .*\\n  validation: .*\\n", train)
            .replace("length: 16 }", "length: 16, over-length: sentence-sampling }");
    Files.writeString(uninterrupted.recipe(), recipe);
    notes = new SmallRun.Notes();
    assertThat(uninterrupted.train(SmallRun.TO_THE_END, notes)).isEqualTo(Trainer.End.FINISHED);
  }

  /// A table of tiles, two a slide, of two classes.
  private static String table(String name, int tiles) throws IOException {
    Path folder = Files.createDirectories(home.resolve(name));
    StringBuilder rows = new StringBuilder("file,caption,slide,label\n");
    for (int tile = 0; tile < tiles; tile++) {
      byte[] pixels = new byte[3 * 32 * 32];
      Arrays.fill(pixels, (byte) (tile * 3));
      Files.write(folder.resolve(tile + ".png"), Png.encode(new RgbImage(32, 32, pixels)));
      rows.append(
          "%d.png,%s,%s-%d,%s\n"
              .formatted(
                  tile,
                  CAPTION.formatted(tile),
                  name,
                  tile / 2,
                  tile % 2 == 0 ? "tumour" : "stroma"));
    }
    Path table = Files.writeString(folder.resolve("table.csv"), rows);
    return "{ type: csv, path: \"%s\", columns: { image: file, caption: caption, group: slide, label: label } }"
        .formatted(table);
  }

  @Test
  void theRunSaysWhatItTrainsOn() throws IOException {
    assertThat(notes.all())
        .anyMatch(note -> note.contains("few: 9 of the 36 samples of an epoch, "))
        .anyMatch(note -> note.contains("many: 27 of the 36 samples of an epoch, "))
        .anyMatch(note -> note.matches("data.validation: .* of 40 groups, .* of 80 samples .*"));
    assertThat(uninterrupted.rows().stream().filter(row -> row.has("loss") && !row.has("eval")))
        .hasSize(SmallRun.LENGTH)
        .allMatch(row -> row.get("sampled").asDouble() == 1)
        .allMatch(row -> row.get("truncated").asDouble() == 0);
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "5, 3", "7, 2"})
  void aStoppedRunEndsLikeAnUninterruptedOne(int steps, int workers, @TempDir Path place)
      throws IOException {
    SmallRun run = uninterrupted.copyTo(place.resolve("run"));
    String overrides = "data.workers=" + workers;
    run.train(steps, new SmallRun.Notes(), overrides);
    assertThat(run.train(overrides)).isEqualTo(Trainer.End.FINISHED);
    run.assertEndedLike(uninterrupted);
  }
}
