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

class TableBenchmarkTest {
  @TempDir Path folder;

  @Test
  void aSyntheticTableIsOpenedAndRead() throws IOException {
    JsonNode line =
        new ObjectMapper().readTree(new TableBenchmark(200, 8, 2).open(Optional.empty()));
    assertThat(line.path("open_s").asDouble()).isPositive();
    assertThat(line.path("rates")).hasSize(2);
    assertThat(line.path("settings").path("samples").asLong()).isEqualTo(200);
    assertThat(line.path("settings").path("input").asText()).isEqualTo("table.csv");
  }

  @Test
  void theNamesEndTellsTheFormat() throws IOException {
    Path table = folder.resolve("t.jsonl");
    Files.write(folder.resolve("a.png"), new byte[] {1});
    Files.writeString(table, "{\"image\":\"a.png\",\"caption\":\"One.\"}\n");
    TableBenchmark benchmark = new TableBenchmark(1, 2, 1);
    assertThat(benchmark.open(Optional.of(table))).contains("\"samples\":1");
    assertThatThrownBy(() -> benchmark.open(Optional.of(folder.resolve("t.txt"))))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("ends in none of .csv");
  }
}
