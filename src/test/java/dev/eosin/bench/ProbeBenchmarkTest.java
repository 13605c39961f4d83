package dev.eosin.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.checkpoint.SafetensorsWriter;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.config.DataException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProbeBenchmarkTest {
  @TempDir private Path home;

  @Test
  void aFitIsTimedThatIsCloseToTheMinimum() throws IOException {
    String line = new ProbeBenchmark(600, 16, 3, 1, 1).measure(Optional.empty());
    JsonNode result = new ObjectMapper().readTree(line);
    assertThat(result.path("above_the_best").asDouble()).isBetween(0.0, 1e-6);
    assertThat(result.path("settings").path("rows").asInt()).isEqualTo(600);
  }

  @Test
  void featuresWithoutTheirLabelsAreRefused() throws IOException {
    Path file = home.resolve("features.safetensors");
    var writer = new SafetensorsWriter(Map.of());
    writer.add("features", TensorData.of(new float[7], 7));
    writer.add("labels", TensorData.of(new long[2], 2));
    writer.write(file);
    assertThatThrownBy(() -> new ProbeBenchmark(1, 1, 2, 1, 1).measure(Optional.of(file)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("7 numbers of features are none of 2 labelled rows");
  }
}
