package dev.eosin.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import dev.eosin.data.parquet.VectorTableWriter;
import dev.eosin.data.parquet.VectorTableWriter.VectorColumn;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Parquet tables, row by row.
class ParquetRowsTest {
  @TempDir private Path folder;

  private Path table(String name, List<VectorColumn> vectors) throws IOException {
    Path file = folder.resolve(name);
    try (OutputStream out = Files.newOutputStream(file)) {
      var writer = new VectorTableWriter(out, List.of("id", "caption"), vectors);
      for (int group = 0; group < 2; group++) {
        long first = 2L * group;
        writer.group(
            new long[] {first, first + 1},
            List.of(
                List.of(Optional.of("k" + first), Optional.of("k" + (first + 1))),
                List.of(Optional.of("Caption %d.".formatted(first)), Optional.empty())),
            (to, column, from, count) -> to.write(new byte[4 * count]));
      }
      writer.finish(Map.of());
    }
    return file;
  }

  private static List<Row> all(Path file, String key) throws DataException {
    List<Row> all = new ArrayList<>();
    try (Rows rows = Rows.table(file, key, Map.of())) {
      for (Optional<Row> row = rows.next(); row.isPresent(); row = rows.next()) {
        all.add(row.get());
      }
    }
    return all;
  }

  @Test
  void rowsOfAllGroupsAreReadAsTexts() throws IOException {
    Path file = table("pairs.parquet", List.of());
    List<Row> rows = all(file, "id");
    assertThat(rows).extracting(Row::key).containsExactly("k0", "k1", "k2", "k3");
    assertThat(rows.get(3).place()).isEqualTo(file + ": row 4");
    assertThat(rows.get(2).content())
        .hasToString("{\"row\":\"2\",\"id\":\"k2\",\"caption\":\"Caption 2.\"}");
    assertThat(rows.get(1).content().path("caption").asText()).isEmpty();
  }

  @Test
  void whatIsNoTableOfTextsIsRefused() throws IOException {
    Path vectors = table("vectors.parquet", List.of(new VectorColumn("embedding", 1, false)));
    assertThatThrownBy(() -> all(vectors, "id"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("'embedding.list.element' holds lists")
        .hasMessageContaining("type: parquet");
    Path file = table("pairs.parquet", List.of());
    assertThatThrownBy(() -> all(file, "name"))
        .hasMessageContaining("there is no column 'name'")
        .hasMessageContaining("row, id, caption");
    byte[] bytes = Files.readAllBytes(file);
    bytes[4] ^= 0x55; // the first page's header
    Files.write(file, bytes);
    assertThatThrownBy(() -> all(file, "id")).hasMessageContaining("damaged Parquet file");
  }
}
