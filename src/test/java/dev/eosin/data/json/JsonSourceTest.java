package dev.eosin.data.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import dev.eosin.data.Caption;
import dev.eosin.data.MissingFiles;
import dev.eosin.data.Source;
import dev.eosin.data.settings.JsonLinesSettings;
import dev.eosin.data.settings.JsonSettings;
import dev.eosin.data.settings.RowFields;
import dev.eosin.image.formats.ImageDecoder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonSourceTest {
  private static final RowFields NESTED =
      new RowFields(
          "file.path", Optional.of("captions"), Optional.of("meta.class"), Optional.of("slide"));
  private static final RowFields PAIRS =
      new RowFields("image", Optional.of("caption"), Optional.empty(), Optional.empty());

  @TempDir Path folder;

  @BeforeEach
  void makeImages() throws IOException {
    for (String name : List.of("a.png", "b.png", "c.png")) {
      Files.createFile(folder.resolve(name));
    }
  }

  @Test
  void fieldsMayBeNestedAndCaptionsSeveral() throws IOException {
    Source source =
        open(
            lines(
                NESTED,
                """
                {"file":{"path":"a.png"},"captions":"One, \\"quoted\\"\\nµ.","meta":{"class":3},"slide":"s1"}

                {"file":{"path":"b.png"},"captions":["Two.","",{"text":"Three.","weight":0.5}],"meta":{"class":7},"slide":"s2"}
                {"file.path":"c.png","captions":[null,{"text":"Four."}],"meta":{"class":3},"slide":9}
                """));
    assertThat(source.size()).isEqualTo(3);
    assertThat(source.get(0).key()).isEqualTo("a.png");
    assertThat(source.get(0).texts()).containsExactly("One, \"quoted\"\nµ.");
    assertThat(source.get(1).captions())
        .containsExactly(new Caption("Two.", 1), new Caption("Three.", 0.5));
    assertThat(source.get(2).key()).isEqualTo("c.png");
    assertThat(source.get(2).texts()).containsExactly("Four.");
    assertThat(source.get(2).group()).contains("9");
    assertThat(source.classTexts()).containsExactly(Map.entry("3", "3"), Map.entry("7", "7"));
    assertThat(source.badSamples().missing()).isEqualTo(MissingFiles.NONE);
  }

  @Test
  void numbersInNamesCountInLists() throws IOException {
    RowFields fields =
        new RowFields("images.1", Optional.of("turns.0.text"), Optional.empty(), Optional.empty());
    Source source =
        open(lines(fields, "{\"images\":[\"a.png\",\"b.png\"],\"turns\":[{\"text\":\"One.\"}]}"));
    assertThat(source.get(0).key()).isEqualTo("b.png");
    assertThat(source.get(0).texts()).containsExactly("One.");
  }

  @Test
  void anArrayIsReadWithOrWithoutSpaceAndByteOrderMark() throws IOException {
    String array =
        "[{\"image\":\"a.png\",\"caption\":\"É.\"},\n  {\"image\" : \"b.png\",\n\"caption\":\"Two.\","
            + "\"area\":NaN}  ]\n";
    for (String text : List.of(array, "\uFEFF" + array, "\n " + array)) {
      Source source = open(array(PAIRS, Optional.empty(), text));
      assertThat(source.size()).isEqualTo(2);
      assertThat(source.get(0).texts()).containsExactly("É.");
      assertThat(source.get(1).texts()).containsExactly("Two.");
    }
    Source lines = open(lines(PAIRS, "\uFEFF{\"image\":\"a.png\",\"caption\":\"One.\"}\r\n\r\n"));
    assertThat(lines.get(0).texts()).containsExactly("One.");
  }

  @Test
  void anArrayMayBeInsideAnObject() throws IOException {
    String text =
        "{\"info\":{\"data\":[1]},\"split\":{\"data\":[{\"image\":\"c.png\",\"caption\":\"C.\"}]},\"n\":1}";
    Source source = open(array(PAIRS, Optional.of("split.data"), text));
    assertThat(source.get(0).texts()).containsExactly("C.");
    assertThatThrownBy(() -> open(array(PAIRS, Optional.of("rows"), text)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("no key 'rows' (records); the keys are: info, n, split");
    assertThatThrownBy(() -> open(array(PAIRS, Optional.empty(), text)))
        .hasMessageContaining("is an object, not an array; set records to the key");
    assertThatThrownBy(() -> open(array(PAIRS, Optional.of("rows"), "[]")))
        .hasMessageContaining("leave records out");
  }

  @Test
  void theWrongLayoutNamesTheRightType() {
    assertThatThrownBy(() -> open(lines(PAIRS, "[{\"image\":\"a.png\"}]")))
        .hasMessageContaining("line 1 is an array; expected one object a line")
        .hasMessageContaining("type: json)");
    assertThatThrownBy(
            () ->
                open(
                    array(
                        PAIRS,
                        Optional.empty(),
                        "[]\n{\"image\":\"a.png\",\"caption\":\"One.\"}\n")))
        .hasMessageContaining("line 2: something follows after the end")
        .hasMessageContaining("type: jsonl");
  }

  @Test
  void aMalformedLineIsNamed() {
    assertThatThrownBy(
            () -> open(lines(PAIRS, "{\"image\":\"a.png\",\"caption\":\"A.\"}\n{\"image\" \"b\"}")))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("records.json: line 2 is not JSON at column")
        .hasMessageContaining("expected one object a line");
    assertThatThrownBy(() -> open(array(PAIRS, Optional.empty(), "[\n{},\n{\"image\":}]")))
        .hasMessageContaining("records.json: line 3 is not JSON");
    assertThatThrownBy(() -> open(array(PAIRS, Optional.empty(), "[{},\n7]")))
        .hasMessageContaining("line 2: record 2 is a number; expected an object");
  }

  @Test
  void faultyRecordsAreCountedByKindWithTheirLines() {
    String text =
        """
        {"image":"a.png","caption":"A."}
        {"image":"a.png","caption":""}
        {"image":"a.png"}
        {"caption":"A."}
        {"image":"a.png","caption":{"de":"A."}}
        {"image":"a.png","caption":[{"text":"A.","weight":0}]}
        {"image":"a.png","caption":7}
        """;
    assertThatThrownBy(() -> open(lines(PAIRS, text)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("2 rows with an empty caption (line 2, 3)")
        .hasMessageContaining("1 row without an image path (line 4)")
        .hasMessageContaining("2 rows " + JsonFields.NOT_CAPTIONS + " (line 5, 7)")
        .hasMessageContaining("1 row " + JsonFields.NOT_A_WEIGHT + " (line 6)");
  }

  @Test
  void whereChoosesRecordsAndNamesTheValuesThereAre() throws IOException {
    String text =
        "[{\"image\":\"a.png\",\"caption\":\"A.\",\"meta\":{\"split\":\"train\"}},"
            + "{\"image\":\"b.png\",\"caption\":\"B.\",\"meta\":{\"split\":\"test\"}}]";
    Source source = open(array(PAIRS, Map.of("meta.split", "test"), text));
    assertThat(source.size()).isEqualTo(1);
    assertThat(source.get(0).key()).isEqualTo("b.png");
    assertThat(source.fingerprint()).isNotEqualTo(open(array(PAIRS, Map.of(), text)).fingerprint());
    assertThatThrownBy(() -> open(array(PAIRS, Map.of("meta.split", "val"), text)))
        .hasMessageContaining("no row has {meta.split=val}; meta.split is one of [test, train]");
  }

  @Test
  void missingImagesAreCountedAndAllMissingIsRefused() throws IOException {
    String present = "{\"image\":\"a.png\",\"caption\":\"A.\"}\n";
    String absent = "{\"image\":\"z.png\",\"caption\":\"Z.\"}\n";
    assertThat(open(lines(PAIRS, present + absent)).badSamples().missing())
        .isEqualTo(new MissingFiles(1, List.of("z.png")));
    assertThatThrownBy(() -> open(lines(PAIRS, absent)))
        .hasMessageContaining("none of the 1 images exists");
  }

  @Test
  void filesWithoutRecordsAndPackedOnesAreRefused() {
    assertThatThrownBy(() -> open(lines(PAIRS, "\n\n"))).hasMessageContaining("holds no records");
    assertThatThrownBy(() -> open(array(PAIRS, Optional.empty(), "")))
        .hasMessageContaining("the file is empty; expected an array of objects");
    assertThatThrownBy(
            () -> {
              Path file = folder.resolve("records.json");
              Files.write(file, new byte[] {0x1f, (byte) 0x8b, 8});
              JsonFile.open(file);
            })
        .hasMessageContaining("is compressed with gzip; unpack it first");
    assertThatThrownBy(
            () -> {
              Path file = folder.resolve("records.json");
              Files.write(file, "[{}]".getBytes(StandardCharsets.UTF_16LE));
              JsonArray.scan(file, Optional.empty(), (record, place, start, length) -> {});
            })
        .hasMessageContaining("is not UTF-8 text");
  }

  @Test
  void aLongLineGrowsTheWindow() throws IOException {
    String caption = "word ".repeat(60_000);
    Source source =
        open(
            lines(
                PAIRS,
                "{\"image\":\"a.png\",\"caption\":\"A.\"}\n{\"image\":\"b.png\",\"caption\":\""
                    + caption
                    + "\"}\n{\"image\":\"c.png\",\"caption\":\"C.\"}"));
    assertThat(source.get(1).texts()).containsExactly(caption);
    assertThat(source.get(2).texts()).containsExactly("C.");
  }

  private JsonTable lines(RowFields fields, String text) throws IOException {
    return JsonTable.of(
        new JsonLinesSettings(write(text), Optional.empty(), fields, Map.of(), Map.of(), List.of()),
        new ImageDecoder());
  }

  private JsonTable array(RowFields fields, Optional<String> records, String text)
      throws IOException {
    return JsonTable.of(
        new JsonSettings(
            write(text), records, Optional.empty(), fields, Map.of(), Map.of(), List.of()),
        new ImageDecoder());
  }

  private JsonTable array(RowFields fields, Map<String, String> where, String text)
      throws IOException {
    return JsonTable.of(
        new JsonSettings(
            write(text), Optional.empty(), Optional.empty(), fields, where, Map.of(), List.of()),
        new ImageDecoder());
  }

  private static Source open(JsonTable table) throws DataException {
    return JsonSource.open(table);
  }

  private Path write(String text) throws IOException {
    return Files.writeString(folder.resolve("records.json"), text);
  }
}
