package dev.eosin.data;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import de.siegmar.fastcsv.writer.CsvWriter;
import dev.eosin.data.LlavaJsonSettings.WithoutImage;
import dev.eosin.data.PathGenJsonSettings.MissingTiles;
import dev.eosin.image.ImageDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What holds for every row-wise reader of text: what was written is read, whatever the characters;
/// damage is answered with one line.
class TableReadersPropertyTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final ImageDecoder DECODER = new ImageDecoder();
  private static final RowFields FIELDS =
      new RowFields("image", Optional.of("caption"), Optional.of("label"), Optional.of("group"));

  @TempDir Path folder;

  private record Row(String image, String caption, String label, String group) {}

  @BeforeEach
  void makeImages() throws IOException {
    for (String name : List.of("a.png", "s_1_2.png")) {
      Files.createFile(folder.resolve(name));
    }
  }

  @Test
  void csvRowsComeBack() throws IOException {
    for (char separator : new char[] {',', '\t', ';', '|'}) {
      List<Row> rows = randomRows(separator, 300);
      Path file = folder.resolve("rows.csv");
      try (CsvWriter writer = CsvWriter.builder().fieldSeparator(separator).build(file)) {
        writer.writeRecord("image", "caption", "label", "group");
        rows.forEach(
            row -> writer.writeRecord(row.image(), row.caption(), row.label(), row.group()));
      }
      assertComesBack(CsvSource.open(csv(file, separator), DECODER), rows);
    }
  }

  @Test
  void jsonLinesComeBack() throws IOException {
    List<Row> rows = randomRows(1, 500);
    StringBuilder text = new StringBuilder();
    rows.forEach(row -> text.append(JSON.valueToTree(row).toString()).append('\n'));
    assertComesBack(JsonSource.open(lines(write(text.toString()))), rows);
  }

  @Test
  void jsonArraysComeBack() throws IOException {
    List<Row> rows = randomRows(2, 500);
    ArrayNode array = JSON.createArrayNode();
    rows.forEach(row -> array.add(JSON.<ObjectNode>valueToTree(row)));
    assertComesBack(JsonSource.open(array(write(array.toString()))), rows);
    assertComesBack(JsonSource.open(array(write(array.toPrettyString()))), rows);
  }

  @Test
  void aTornFileIsRefusedOrGivesItsFirstRows() throws IOException {
    Path array = write("[%s,\n%s]".formatted(record("One é."), record("Two \\\"x\\\".")));
    assertThat(new TableFaults(array, () -> JsonSource.open(array(array))).truncate()).isZero();
    Path lines = write("%s\n%s\n".formatted(record("One é."), record("Two.")));
    // Whole lines are whole files: after the first record, with and without the line's end.
    assertThat(new TableFaults(lines, () -> JsonSource.open(lines(lines))).truncate()).isEqualTo(3);
    Path table = Files.writeString(folder.resolve("t.csv"), csvText());
    assertThat(new TableFaults(table, () -> CsvSource.open(csv(table, ','), DECODER)).truncate())
        .isPositive();
  }

  @Test
  void damageIsAnsweredInOneLine() throws IOException {
    Path array = write("[%s,\n%s]".formatted(record("One é."), record("Two \\\"x\\\".")));
    new TableFaults(array, () -> JsonSource.open(array(array))).mutate(400, 1);
    Path lines = write("%s\n%s\n".formatted(record("One é."), record("Two.")));
    new TableFaults(lines, () -> JsonSource.open(lines(lines))).mutate(400, 2);
    Path table = Files.writeString(folder.resolve("t.csv"), csvText());
    new TableFaults(table, () -> CsvSource.open(csv(table, ','), DECODER)).mutate(400, 3);
    Path llava =
        write(
            "[{\"image\":\"a.png\",\"conversations\":[{\"from\":\"human\",\"value\":\"<image>\"},"
                + "{\"from\":\"gpt\",\"value\":\"Glands.\"}]}]");
    LlavaJsonSettings talk =
        new LlavaJsonSettings(
            llava, Optional.empty(), "gpt", 1, WithoutImage.SKIP, Optional.empty(), Map.of());
    new TableFaults(llava, () -> JsonSource.open(JsonTable.of(talk, DECODER))).mutate(400, 4);
    Path pathGen = write("[{\"wsi_id\":\"s\",\"position\":[\"1\",\"2\"],\"caption\":\"One.\"}]");
    PathGenJsonSettings tiles = new PathGenJsonSettings(pathGen, folder, "png", MissingTiles.COUNT);
    new TableFaults(pathGen, () -> JsonSource.open(JsonTable.of(tiles, DECODER))).mutate(400, 5);
  }

  private static String record(String caption) {
    return "{\"image\":\"a.png\",\"caption\":\"%s\",\"label\":\"x\",\"group\":\"1\"}"
        .formatted(caption);
  }

  private static String csvText() {
    return "image,caption,label,group\na.png,\"One \"\"é\"\".\",x,1\na.png,\"Two,\n2.\",y,2\n";
  }

  private static void assertComesBack(Source source, List<Row> rows) {
    assertThat(source.size()).isEqualTo(rows.size());
    for (int i = 0; i < rows.size(); i++) {
      int index = Math.floorMod(i * 7_919, rows.size());
      Sample sample = source.get(index);
      Row row = rows.get(index);
      assertThat(sample.key()).isEqualTo(row.image());
      assertThat(sample.texts()).containsExactly(row.caption());
      assertThat(sample.label()).contains(row.label());
      assertThat(sample.group()).contains(row.group());
    }
  }

  private static List<Row> randomRows(long seed, int count) {
    Random random = new Random(seed);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rows.add(new Row("a.png", text(random), "c" + random.nextInt(5), "g" + text(random)));
    }
    return rows;
  }

  private static String text(Random random) {
    String[] pieces = {
      "word", " ", "\"", "\"\"", ",", "\n", "\r\n", "\t", ";", "|", "\\", "é", "µ", "中", "😀", "{}",
      "[", "\u0001", "\u2028", "NaN", "'"
    };
    StringBuilder text = new StringBuilder("x");
    for (int i = random.nextInt(30); i > 0; i--) {
      text.append(pieces[random.nextInt(pieces.length)]);
    }
    return text.toString();
  }

  private static CsvSettings csv(Path file, char separator) {
    CsvColumns columns =
        new CsvColumns(
            "image", Optional.of("caption"), List.of(), Optional.of("label"), Optional.of("group"));
    return new CsvSettings(
        file,
        Character.toString(separator),
        Optional.empty(),
        columns,
        Map.of(),
        Map.of(),
        List.of());
  }

  private static JsonTable lines(Path file) throws IOException {
    return JsonTable.of(
        new JsonLinesSettings(file, Optional.empty(), FIELDS, Map.of(), Map.of(), List.of()),
        DECODER);
  }

  private static JsonTable array(Path file) throws IOException {
    return JsonTable.of(
        new JsonSettings(
            file, Optional.empty(), Optional.empty(), FIELDS, Map.of(), Map.of(), List.of()),
        DECODER);
  }

  private Path write(String text) throws IOException {
    return Files.writeString(folder.resolve("records.json"), text);
  }
}
