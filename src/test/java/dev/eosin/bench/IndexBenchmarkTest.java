package dev.eosin.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.tensor.Device;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/// That the measurement measures what it says, at a size that says nothing of speed.
class IndexBenchmarkTest {
  @Test
  void bothIndicesAreBuiltAndAsked() throws IOException {
    String line = new IndexBenchmark(2000, 16, Device.CPU, 1, 50).measure();
    JsonNode json = new ObjectMapper().readTree(line);
    assertThat(json.path("what").asText()).isEqualTo("retrieval");
    assertThat(json.path("graph_100_recall_at_10").asDouble()).isGreaterThan(0.95);
    for (String name :
        new String[] {
          "exact_build_seconds",
          "graph_build_seconds",
          "graph_mib",
          "exact_queries_per_second",
          "exact_single_query_ms",
          "graph_100_queries_per_second"
        }) {
      assertThat(json.path(name).asDouble()).as(name).isPositive();
    }
    assertThat(json.path("settings").path("vectors").asInt()).isEqualTo(2000);
  }
}
