package dev.eosin.bench;

import static dev.eosin.image.formats.JpegDecoding.Mode.EXACT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.config.DataException;
import dev.eosin.config.Pixels;
import dev.eosin.image.Png;
import dev.eosin.image.RgbImage;
import dev.eosin.image.transforms.ImageSettings;
import dev.eosin.image.transforms.InputSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InputBenchmarkTest {
  private final InputBenchmark benchmark = new InputBenchmark(3, 2, 2);

  private static final ImageSettings SMALL = ImageSettings.openClip(new InputSize(new Pixels(32)));

  @TempDir private Path folder;

  @Test
  void captionsOfAFileAreTokenised() throws IOException {
    Path captions = Files.writeString(folder.resolve("captions.txt"), "a tile\nof fat tissue\n");
    JsonNode line = json(benchmark.tokenize(Optional.of(captions), 77));
    assertThat(line.get("captions_per_s").asDouble()).isPositive();
    assertThat(line.get("tokens_per_caption").asDouble()).isEqualTo((4 + 5) / 2.0);
    assertThat(line.get("rates")).hasSize(2);
    assertThat(line.get("settings").get("samples").asInt()).isEqualTo(2);
  }

  @Test
  void timeOnTheProcessorIsTold() throws IOException {
    Path file = folder.resolve("a.png");
    Files.write(file, Png.encode(new RgbImage(40, 40, new byte[3 * 40 * 40])));
    JsonNode line = json(benchmark.decode(Optional.of(folder), SMALL.withJpeg(EXACT, "off")));
    assertThat(line.get("cpu_ms_per_image").asDouble()).isPositive();
    assertThat(line.get("settings").get("libturbojpeg").asText()).isEqualTo("none");
  }

  @Test
  void shardsAreComparedWithFiles() throws IOException {
    for (int i = 0; i < 2; i++) {
      Files.write(folder.resolve(i + ".png"), Png.encode(new RgbImage(8, 8, new byte[3 * 64])));
    }
    ImageSettings image = ImageSettings.openClip(new InputSize(new Pixels(4)));
    JsonNode line = json(new ShardBenchmark(benchmark).measure(Optional.of(folder), image));
    assertThat(line.get("shard_images_per_s").asDouble()).isPositive();
    assertThat(line.get("shard_over_file").asDouble()).isPositive();
    assertThat(line.get("rates")).hasSize(2);
  }

  @Test
  void aBrokenImageEndsTheBenchmark() throws IOException {
    Files.writeString(folder.resolve("a.png"), "no image");
    assertThatThrownBy(() -> benchmark.decode(Optional.of(folder), SMALL))
        .hasStackTraceContaining("DataException: image 0: not a PNG");
  }

  @Test
  void aFolderWithoutImagesIsNamed() {
    assertThatThrownBy(() -> benchmark.decode(Optional.of(folder), SMALL))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(folder.toString());
  }

  private static JsonNode json(String line) throws IOException {
    return new ObjectMapper().readTree(line);
  }
}
