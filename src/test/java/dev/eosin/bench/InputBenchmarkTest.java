package dev.eosin.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.config.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InputBenchmarkTest {
  private final InputBenchmark benchmark = new InputBenchmark(3, 2, 2);

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
  void aBrokenImageEndsTheBenchmark() throws IOException {
    Files.writeString(folder.resolve("a.png"), "no image");
    assertThatThrownBy(() -> benchmark.decode(Optional.of(folder), 32))
        .hasStackTraceContaining("DataException: image 0: not a PNG");
  }

  @Test
  void aFolderWithoutImagesIsNamed() {
    assertThatThrownBy(() -> benchmark.decode(Optional.of(folder), 32))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(folder.toString());
  }

  private static JsonNode json(String line) throws IOException {
    return new ObjectMapper().readTree(line);
  }
}
