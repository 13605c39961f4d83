package dev.eosin.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Tables of every format, row by row.
class RowsTest {
  private static final List<List<String>> TABLE =
      List.of(
          List.of("id", "image", "split"),
          List.of("1", "a.jpg", "train"),
          List.of("2", "b, with \"quotes\".jpg", "test"),
          List.of("3", "c.jpg", "train"));

  @TempDir private Path folder;

  private Path table(String name) throws IOException {
    StringBuilder text = new StringBuilder();
    boolean json = name.endsWith(".jsonl");
    char separator = name.endsWith(".tsv") ? '\t' : ',';
    for (List<String> row : json ? TABLE.subList(1, TABLE.size()) : TABLE) {
      List<String> fields = new ArrayList<>();
      for (int i = 0; i < row.size(); i++) {
        String value = row.get(i).replace("\"", json ? "\\\"" : "\"\"");
        fields.add((json ? "\"" + TABLE.getFirst().get(i) + "\":" : "") + "\"" + value + "\"");
      }
      String line = String.join(json ? "," : String.valueOf(separator), fields);
      text.append(json ? "{" + line + "}" : line).append('\n');
    }
    return Files.writeString(folder.resolve(name), text);
  }

  private static List<Row> all(Path file, String key, Map<String, String> where)
      throws DataException {
    List<Row> all = new ArrayList<>();
    try (Rows rows = Rows.table(file, key, where)) {
      for (Optional<Row> row = rows.next(); row.isPresent(); row = rows.next()) {
        all.add(row.get());
      }
    }
    return all;
  }

  @ParameterizedTest
  @ValueSource(strings = {"table.csv", "table.TSV", "table.jsonl"})
  void everyFormatGivesTheSameRows(String name) throws IOException {
    List<Row> rows = all(table(name.toLowerCase(Locale.ROOT)), "id", Map.of());
    assertThat(rows).extracting(Row::key).containsExactly("1", "2", "3");
    assertThat(rows.get(1).content().path("image").asText()).isEqualTo("b, with \"quotes\".jpg");
    assertThat(rows.get(1).content()).hasSize(3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"table.csv", "table.jsonl"})
  void whereKeepsTheRowsThatFit(String name) throws IOException {
    Path file = table(name);
    assertThat(all(file, "id", Map.of("split", "train")))
        .extracting(Row::key)
        .containsExactly("1", "3");
    assertThatThrownBy(() -> all(file, "id", Map.of("split", "trian")))
        .isInstanceOf(DataException.class)
        .hasMessage(
            file
                + ": no row has {split=trian}; split is one of [test, train]; correct 'where', or"
                + " leave it out");
  }

  @Test
  void placesAreLinesOfTheFile() throws IOException {
    Path file = folder.resolve("table.csv");
    Files.writeString(file, "id,caption\n1,\"two\nlines\"\n\n2,one\n");
    assertThat(all(file, "id", Map.of()))
        .extracting(Row::place)
        .containsExactly(file + ": line 2", file + ": line 5");
  }

  @Test
  void whatCannotBeReadIsNamed() throws IOException {
    Path file = folder.resolve("table.csv");
    Files.writeString(file, "name,caption\n1,a\n");
    assertThatThrownBy(() -> all(file, "id", Map.of()))
        .hasMessage(
            file
                + ": there is no column 'id', which names rows (key); the columns are name, caption");
    Files.writeString(file, "id,caption\n1,a\n2,b,c\n");
    assertThatThrownBy(() -> all(file, "id", Map.of()))
        .hasMessage(
            file
                + ": line 3 has 3 fields, the header 2; quote fields that hold separators or lines");
    Files.writeString(file, "id,id\n1,a\n");
    assertThatThrownBy(() -> all(file, "id", Map.of()))
        .hasMessage(file + ": line 1: the column 'id' stands twice; rename one of them");
  }

  @Test
  void spreadsheetsAreTold() {
    for (String name : List.of("pairs.xlsx", "pairs.XLS", "pairs.ods")) {
      assertThatThrownBy(() -> all(folder.resolve(name), "id", Map.of()))
          .isInstanceOf(DataException.class)
          .hasMessageEndingWith(
              name
                  + ": is a spreadsheet, which is not read; save it as CSV in UTF-8 with commas, and name that file");
    }
  }

  @Test
  void columnsThatSomethingElseSeparatesAreTold() throws IOException {
    Path semicolons = Files.writeString(folder.resolve("table.csv"), "id;image\n1;a.jpg\n");
    assertThatThrownBy(() -> all(semicolons, "id", Map.of()))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("table.csv: line 1: its columns seem to be separated by ';'")
        .hasMessageContaining("expected ','");
    Path commas = Files.writeString(folder.resolve("table.tsv"), "id,image\n1,a.jpg\n");
    assertThatThrownBy(() -> all(commas, "id", Map.of()))
        .hasMessageContaining("separated by ',', expected tabs");
    Path single = Files.writeString(folder.resolve("single.csv"), "id\n1\n");
    assertThat(all(single, "id", Map.of())).hasSize(1);
  }
}
