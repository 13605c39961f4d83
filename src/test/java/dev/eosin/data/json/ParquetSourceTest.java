package dev.eosin.data.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.config.DataException;
import dev.eosin.data.Sample;
import dev.eosin.data.Source;
import dev.eosin.data.TableFaults;
import dev.eosin.data.parquet.ParquetSource;
import dev.eosin.data.settings.ParquetSettings;
import dev.eosin.data.settings.RowFields;
import dev.eosin.image.formats.ImageDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Tables that pyarrow 25.0.1 wrote; `record.py` beside them says how.
class ParquetSourceTest {
  private static final Path RECORDED = Path.of("src/test/resources/parquet");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final RowFields ALL =
      new RowFields(
          "image", Optional.of("caption"), Optional.of("label"), Optional.of("meta.slide"));

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "snappy-dictionary",
        "zstd-groups",
        "gzip-pages",
        "lz4-v2",
        "none-delta-v2",
      })
  void everyRowComesBackInAnyOrder(String name) throws IOException {
    List<JsonNode> rows = rows();
    Source single = open(RECORDED.resolve(name + ".parquet"), ALL, Map.of());
    Source several = open(RECORDED.resolve(name + ".parquet"), caption("captions"), Map.of());
    Source weighted = open(RECORDED.resolve(name + ".parquet"), caption("weighted"), Map.of());
    assertThat(single.size()).isEqualTo(rows.size());
    assertThat(single.classTexts().keySet()).containsExactly("0", "1", "2", "3");
    for (int i = 0; i < 2 * rows.size(); i++) {
      int index = Math.floorMod(i * 37, rows.size());
      JsonNode row = rows.get(index);
      Sample sample = single.get(index);
      assertThat(sample.key()).isEqualTo("%s.parquet row %d", name, index + 1);
      assertThat(sample.texts()).containsExactly(row.path("caption").asText());
      assertThat(sample.label()).contains(row.path("label").asText());
      assertThat(sample.group()).contains(row.path("meta").path("slide").asText());
      assertThat(sample.image().encoded())
          .contains(HexFormat.of().parseHex(row.path("image").asText()));
      assertThat(several.get(index).captions())
          .isEqualTo(JsonFields.captions(row.path("captions"), problem -> {}));
      assertThat(weighted.get(index).captions())
          .isEqualTo(JsonFields.captions(row.path("weighted"), problem -> {}));
    }
  }

  @Test
  void severalFilesAreReadInTheOrderOfTheirNames() throws IOException {
    Files.copy(RECORDED.resolve("zstd-groups.parquet"), folder.resolve("train-1.parquet"));
    Files.copy(RECORDED.resolve("snappy-dictionary.parquet"), folder.resolve("train-0.parquet"));
    Files.copy(RECORDED.resolve("lz4-v2.parquet"), folder.resolve("test-0.parquet"));
    Source train = open(folder.resolve("train-*.parquet"), ALL, Map.of());
    assertThat(train.size()).isEqualTo(120);
    assertThat(train.get(59).key()).isEqualTo("train-0.parquet row 60");
    assertThat(train.get(60).key()).isEqualTo("train-1.parquet row 1");
    assertThat(train.get(119).texts()).isEqualTo(train.get(59).texts());
    assertThat(open(folder, ALL, Map.of()).size()).isEqualTo(180);
    assertThatThrownBy(() -> open(folder.resolve("val-*.parquet"), ALL, Map.of()))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("holds no file like val-*.parquet");
  }

  @Test
  void whereChoosesRows() throws IOException {
    Path file = RECORDED.resolve("none-delta-v2.parquet");
    Source test = open(file, ALL, Map.of("meta.split", "test"));
    assertThat(test.size()).isEqualTo(20);
    assertThat(test.get(1).key()).isEqualTo("none-delta-v2.parquet row 4");
    assertThat(test.fingerprint()).isNotEqualTo(open(file, ALL, Map.of()).fingerprint());
    assertThatThrownBy(() -> open(file, ALL, Map.of("meta.split", "val")))
        .hasMessageContaining("no row has {meta.split=val}; meta.split is one of [test, train]");
  }

  @Test
  void imagesMayBePaths() throws IOException {
    Path file = folder.resolve("t.parquet");
    Files.copy(RECORDED.resolve("snappy-dictionary.parquet"), file);
    RowFields paths =
        new RowFields("file", Optional.of("caption"), Optional.empty(), Optional.empty());
    assertThatThrownBy(() -> open(file, paths, Map.of()))
        .hasMessageContaining("none of the 60 images exists under " + folder);
    Files.write(folder.resolve("a.png"), new byte[] {1, 2});
    for (Path path : List.of(file, folder)) {
      assertThat(open(path, paths, Map.of()).get(7).image().encoded()).contains(new byte[] {1, 2});
    }
  }

  @Test
  void aMissingColumnNamesTheColumnsThereAre() {
    RowFields wrong =
        new RowFields("img", Optional.of("text"), Optional.of("captions"), Optional.of("image"));
    assertThatThrownBy(() -> open(RECORDED.resolve("lz4-v2.parquet"), wrong, Map.of()))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("no column 'img' (columns.image), no column 'text' (columns.caption)")
        .hasMessageContaining("column 'captions' (columns.label) holds lists")
        .hasMessageContaining("no column 'image' (columns.group)")
        .hasMessageContaining("the columns are: image.bytes, image.path, file, caption,");
    RowFields number =
        new RowFields("label", Optional.of("caption"), Optional.empty(), Optional.empty());
    assertThatThrownBy(() -> open(RECORDED.resolve("lz4-v2.parquet"), number, Map.of()))
        .hasMessageContaining("column 'label' (columns.image) is of type INT64");
  }

  @Test
  void whatIsNoParquetIsRefused() throws IOException {
    Path file = Files.writeString(folder.resolve("t.parquet"), "image,caption\na.png,One.\n");
    assertThatThrownBy(() -> open(file, ALL, Map.of()))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("is no Parquet file or was cut off: it does not end in PAR1");
    assertThatThrownBy(() -> open(folder.resolve("none.parquet"), ALL, Map.of()))
        .hasMessageContaining("none.parquet: no such file");
  }

  @Test
  void damageIsAnsweredInOneLine() throws IOException {
    RowFields fields =
        new RowFields("image", Optional.of("caption"), Optional.of("label"), Optional.empty());
    Path small = folder.resolve("small.parquet");
    Files.copy(RECORDED.resolve("small.parquet"), small);
    TableFaults whole = new TableFaults(small, () -> open(small, fields, Map.of()));
    assertThat(whole.truncate()).isZero();
    whole.mutate(600, 6);
    Path pages = folder.resolve("pages.parquet");
    Files.copy(RECORDED.resolve("lz4-v2.parquet"), pages);
    new TableFaults(pages, () -> open(pages, caption("weighted"), Map.of())).mutate(100, 7);
  }

  private static RowFields caption(String name) {
    return new RowFields("image.bytes", Optional.of(name), Optional.empty(), Optional.empty());
  }

  private static Source open(Path path, RowFields columns, Map<String, String> where)
      throws DataException {
    return ParquetSource.open(
        new ParquetSettings(path, Optional.empty(), columns, where, Map.of(), List.of()),
        new ImageDecoder());
  }

  private static List<JsonNode> rows() throws IOException {
    List<JsonNode> rows = new ArrayList<>();
    for (String line : Files.readAllLines(RECORDED.resolve("rows.jsonl"))) {
      rows.add(JSON.readTree(line));
    }
    return rows;
  }
}
