package dev.eosin.data.json;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import de.siegmar.fastcsv.writer.CsvWriter;
import dev.eosin.data.Sample;
import dev.eosin.data.SampleContent.QuestionAnswer;
import dev.eosin.data.SampleContent.QuestionAnswer.Kind;
import dev.eosin.data.Source;
import dev.eosin.data.TableFaults;
import dev.eosin.data.opened.Sources;
import dev.eosin.data.settings.CsvColumns;
import dev.eosin.data.settings.CsvSettings;
import dev.eosin.data.settings.JsonLinesSettings;
import dev.eosin.data.settings.JsonSettings;
import dev.eosin.data.settings.LlavaJsonSettings;
import dev.eosin.data.settings.LlavaJsonSettings.WithoutImage;
import dev.eosin.data.settings.PathGenJsonSettings;
import dev.eosin.data.settings.PathGenJsonSettings.MissingTiles;
import dev.eosin.data.settings.QuestionSetSettings;
import dev.eosin.data.settings.RowFields;
import dev.eosin.data.tables.CsvSource;
import dev.eosin.data.tables.QuestionRowsTest;
import dev.eosin.image.formats.ImageDecoder;
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

  private record Asked(
      String image,
      String question,
      String answer,
      List<String> options,
      String kind,
      String fact,
      String group) {}

  @Test
  void questionsComeBackFromEveryReader() throws IOException {
    List<Asked> rows = randomQuestions(3, 300);
    StringBuilder lines = new StringBuilder();
    ArrayNode array = JSON.createArrayNode();
    rows.forEach(row -> lines.append(JSON.valueToTree(row).toString()).append('\n'));
    rows.forEach(row -> array.add(JSON.<ObjectNode>valueToTree(row)));
    RowFields names = questionFields(List.of("options"));
    assertAsked(
        JsonSource.open(
            JsonTable.of(
                new JsonLinesSettings(
                    write(lines.toString()),
                    Optional.empty(),
                    names,
                    Map.of(),
                    Map.of(),
                    List.of()),
                DECODER)),
        rows);
    assertAsked(
        JsonSource.open(
            JsonTable.of(
                new JsonSettings(
                    write(array.toPrettyString()),
                    Optional.empty(),
                    Optional.empty(),
                    names,
                    Map.of(),
                    Map.of(),
                    List.of()),
                DECODER)),
        rows);
    for (char separator : new char[] {',', '\t', ';'}) {
      Path file = folder.resolve("questions.csv");
      writeQuestions(file, separator, rows);
      assertAsked(CsvSource.open(questionTable(file, separator), DECODER), rows);
    }
  }

  @Test
  void damagedQuestionsAreAnsweredInOneLine() throws IOException {
    Path table = folder.resolve("questions.csv");
    writeQuestions(table, ',', randomQuestions(4, 3));
    new TableFaults(table, () -> CsvSource.open(questionTable(table, ','), DECODER)).mutate(300, 6);
    Path talk =
        write(
            "[{\"image\":\"a.png\",\"conversations\":[{\"from\":\"human\",\"value\":\"<image>\"},"
                + "{\"from\":\"gpt\",\"value\":\"Glands.\"}]}]");
    LlavaJsonSettings whole =
        new LlavaJsonSettings(
            talk,
            Optional.empty(),
            LlavaJsonSettings.Says.CONVERSATION,
            "gpt",
            1,
            WithoutImage.REFUSE,
            Optional.empty(),
            Map.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    new TableFaults(talk, () -> JsonSource.open(JsonTable.of(whole, DECODER))).mutate(300, 7);
    Path pickle = folder.resolve("questions.pkl");
    Files.copy(Path.of("src/test/resources/questions/path-vqa-4.pkl"), pickle);
    Files.createFile(folder.resolve("train_0001.jpg"));
    var set =
        new QuestionSetSettings(pickle, QuestionSetSettings.Layout.PATH_VQA, Optional.empty());
    TableFaults faults = new TableFaults(pickle, () -> Sources.open(set, DECODER));
    assertThat(faults.truncate()).isZero();
    faults.mutate(600, 8);
  }

  private static void writeQuestions(Path file, char separator, List<Asked> rows)
      throws IOException {
    try (CsvWriter writer = CsvWriter.builder().fieldSeparator(separator).build(file)) {
      writer.writeRecord("image", "question", "answer", "options", "kind", "fact", "group");
      for (Asked row : rows) {
        String options = row.options().isEmpty() ? "" : JSON.writeValueAsString(row.options());
        writer.writeRecord(
            row.image(),
            row.question(),
            row.answer(),
            options,
            row.kind(),
            row.fact(),
            row.group());
      }
    }
  }

  private static List<Asked> randomQuestions(long seed, int count) {
    Random random = new Random(seed);
    List<Asked> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Kind kind = Kind.values()[random.nextInt(3)];
      List<String> options =
          kind == Kind.CHOICE
              ? List.of("1" + text(random).strip(), "2" + text(random).strip(), "3")
              : List.of();
      String answer =
          switch (kind) {
            case OPEN -> text(random);
            case CLOSED -> random.nextBoolean() ? "yes" : "No.";
            case CHOICE -> options.get(random.nextInt(3));
          };
      String told = random.nextBoolean() ? kind.name() : "";
      rows.add(
          new Asked("a.png", text(random), answer, options, told, "f" + i % 4, "g" + text(random)));
    }
    return rows;
  }

  private static void assertAsked(Source source, List<Asked> rows) {
    assertThat(source.size()).isEqualTo(rows.size());
    for (int i = 0; i < rows.size(); i++) {
      int index = Math.floorMod(i * 7_919, rows.size());
      Asked row = rows.get(index);
      QuestionAnswer read = QuestionRowsTest.question(source, index);
      assertThat(read.question()).isEqualTo(row.question());
      assertThat(read.answer()).isEqualTo(row.answer());
      assertThat(read.options()).isEqualTo(row.options());
      assertThat(read.fact()).contains(row.fact());
      assertThat(source.get(index).group()).contains(row.group());
      if (!row.kind().isEmpty()) {
        assertThat(read.kind().name()).isEqualTo(row.kind());
      }
    }
  }

  private static RowFields questionFields(List<String> options) {
    return new RowFields(
        "image",
        Optional.empty(),
        Optional.empty(),
        Optional.of("group"),
        Optional.of("question"),
        Optional.of("answer"),
        Optional.empty(),
        options,
        Optional.of("kind"),
        Optional.of("fact"));
  }

  private static CsvSettings questionTable(Path file, char separator) {
    CsvColumns columns =
        new CsvColumns(
            "image",
            Optional.empty(),
            List.of(),
            Optional.empty(),
            Optional.of("group"),
            Optional.of("question"),
            Optional.of("answer"),
            Optional.empty(),
            List.of("options"),
            Optional.of("kind"),
            Optional.of("fact"));
    return new CsvSettings(
        file,
        Character.toString(separator),
        Optional.empty(),
        columns,
        Map.of(),
        Map.of(),
        List.of());
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
