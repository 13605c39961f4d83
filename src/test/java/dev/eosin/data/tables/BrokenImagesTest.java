package dev.eosin.data.tables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import dev.eosin.config.Pixels;
import dev.eosin.config.Share;
import dev.eosin.data.MissingFiles;
import dev.eosin.data.Source;
import dev.eosin.data.batches.BadRowLog;
import dev.eosin.data.batches.BatchLoader;
import dev.eosin.data.batches.PairPreparation;
import dev.eosin.data.order.Preparation;
import dev.eosin.data.order.SampleOrder;
import dev.eosin.data.settings.BadRowSettings;
import dev.eosin.data.settings.CsvColumns;
import dev.eosin.data.settings.CsvSettings;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.image.transforms.ImageSettings;
import dev.eosin.image.transforms.InputSize;
import dev.eosin.random.RandomKey;
import dev.eosin.text.CaptionEncoder;
import dev.eosin.text.ClipTokenizer;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files to batches with real files, some of them broken: 16 good tiles in three formats, one
/// truncated, one that is text, one that is missing.
class BrokenImagesTest {
  private static final int BATCH = 6;
  private static final Preparation PREPARATION =
      new PairPreparation(
          ImageSettings.openClip(new InputSize(new Pixels(16))).training(),
          CaptionEncoder.truncating(ClipTokenizer.load(), 77));

  @TempDir Path folder;

  @BeforeEach
  void writeTiles() throws IOException {
    StringBuilder table = new StringBuilder("filepath,caption\n");
    for (int index = 0; index < 16; index++) {
      String format = List.of("png", "jpg", "tif").get(index % 3);
      String name = "tile%d.%s".formatted(index, format);
      BufferedImage image = new BufferedImage(24, 20, BufferedImage.TYPE_INT_RGB);
      image.setRGB(index, index, 0xE0A0C0);
      ImageIO.write(image, format.equals("jpg") ? "jpeg" : format, folder.resolve(name).toFile());
      table.append(name).append(",Glands of tile ").append(index).append('\n');
    }
    byte[] whole = Files.readAllBytes(folder.resolve("tile0.png"));
    Files.write(folder.resolve("cut.png"), Arrays.copyOf(whole, whole.length / 2));
    Files.writeString(folder.resolve("text.jpg"), "not an image");
    table.append("cut.png,Cut.\ntext.jpg,Text.\nmissing.tif,Missing.\n");
    Files.writeString(folder.resolve("labels.csv"), table);
  }

  @Test
  void brokenFilesAreReplacedListedAndTheSameAfterResuming() throws IOException {
    Path log = folder.resolve("bad-rows.jsonl");
    List<String> uninterrupted = run(log, 1, 0, 12);
    List<String> lines = Files.readAllLines(log);
    // Three epochs and 15 samples: each broken file comes up three or four times.
    assertThat(lines).hasSizeBetween(9, 12);
    assertThat(String.join("\n", lines))
        .contains("\"key\":\"cut.png\"", "\"key\":\"text.jpg\"", "\"key\":\"missing.tif\"")
        .contains("not a PNG, JPEG, TIFF, WebP, BMP or GIF image", "the file does not exist");
    // Killed after batch 8, the last checkpoint having been at batch 5.
    Path resumedLog = folder.resolve("resumed.jsonl");
    List<String> keys = new ArrayList<>(run(resumedLog, 2, 0, 8).subList(0, 5 * BATCH));
    keys.addAll(run(resumedLog, 3, 5L * BATCH, 7));
    assertThat(keys).isEqualTo(uninterrupted);
    assertThat(Files.readAllLines(resumedLog)).isEqualTo(lines);
  }

  @Test
  void theListedSamplesAreNeverInABatch() throws IOException {
    assertThat(run(folder.resolve("bad-rows.jsonl"), 2, 0, 12))
        .doesNotContain("cut.png", "text.jpg", "missing.tif")
        .hasSize(12 * BATCH);
  }

  @Test
  void aTighterLimitStopsTheRunNamingTheFiles() throws IOException {
    Source source = open();
    assertThat(source.badSamples().missing())
        .isEqualTo(new MissingFiles(1, List.of("missing.tif")));
    BadRowSettings limit = new BadRowSettings(new Share(0.1));
    Path list = folder.resolve("bad-rows.jsonl");
    BadRowLog log = BadRowLog.open("data.train", list, limit, source.size(), 0);
    assertThatThrownBy(() -> read(source, log, 2, 0, 12))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("cannot be read, more than data.bad-rows.limit (10 %) allows")
        .hasMessageContaining("cut.png")
        .hasMessageContaining("all are listed in " + list);
  }

  private List<String> run(Path list, int workers, long position, int batches) throws IOException {
    Source source = open();
    BadRowSettings limit = new BadRowSettings(new Share(0.5));
    BadRowLog log = BadRowLog.open("data.train", list, limit, source.size(), position);
    return read(source, log, workers, position, batches);
  }

  private static List<String> read(
      Source source, BadRowLog log, int workers, long position, int batches) throws IOException {
    SampleOrder order = new SampleOrder(new RandomKey(42), source.size());
    List<String> keys = new ArrayList<>();
    try (BatchLoader loader =
        BatchLoader.training(source, order, PREPARATION, BATCH, workers, position, log)) {
      for (int k = 0; k < batches; k++) {
        keys.addAll(loader.next().keys());
      }
    }
    return keys;
  }

  private Source open() throws IOException {
    CsvColumns columns =
        new CsvColumns(
            "filepath", Optional.of("caption"), List.of(), Optional.empty(), Optional.empty());
    return CsvSource.open(
        new CsvSettings(
            folder.resolve("labels.csv"),
            ",",
            Optional.empty(),
            columns,
            Map.of(),
            Map.of(),
            List.of()),
        new ImageDecoder());
  }
}
