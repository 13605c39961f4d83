package dev.eosin.data.tables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.Binder;
import dev.eosin.config.DataException;
import dev.eosin.config.RecipeFile;
import dev.eosin.data.FieldData;
import dev.eosin.data.Source;
import dev.eosin.data.opened.DataSettings;
import dev.eosin.data.opened.Sources;
import dev.eosin.image.formats.ImageDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Tables that were not written by the rules of RFC 4180.
class RawTablesTest {
  private static final String TSV = "type: csv, path: T, separator: \"\\t\"";
  private static final String COLUMNS = "columns: { image: image, caption: caption }";

  @TempDir Path folder;

  @BeforeEach
  void makeImages() throws IOException {
    for (String name : List.of("a.png", "b.png", "c.png", "colon_aca_04.jpg")) {
      Files.createFile(folder.resolve(name));
    }
  }

  @Test
  void quotesMayBeOrdinaryCharacters() throws IOException {
    Path table = FieldData.copy("raw-quotes.tsv", folder);
    assertThatThrownBy(() -> open(table, TSV))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("record starting at line 6")
        .hasMessageEndingWith(
            "where quotes are ordinary characters of the table, set quotes: none");
    Source source = open(table, TSV + ", quotes: none");
    assertThat(source.size()).isEqualTo(60);
    assertThat(source.get(4).texts()).containsExactly("\"Villous\" adenoma of the colon");
    assertThat(source.get(5).key()).isEqualTo("colon_aca_05.jpg");
    Files.writeString(table, "image\tcaption\na.png\t\0x\n");
    assertThatThrownBy(() -> open(table, TSV + ", quotes: none"))
        .hasMessageContaining("byte 20 is zero, which no text holds");
  }

  @Test
  void aTableWithoutQuotesIsTheSameEitherWay() throws IOException {
    Path table = write("image\tcaption\na.png\tOne.\nb.png\tTwo.\n");
    Source usual = open(table, TSV);
    Source raw = open(table, TSV + ", quotes: none");
    assertThat(raw.get(1).texts()).isEqualTo(usual.get(1).texts());
    assertThat(raw.fingerprint()).isNotEqualTo(usual.fingerprint());
    assertThat(open(table, TSV + ", quotes: double").fingerprint()).isEqualTo(usual.fingerprint());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // The quote is closed by the next one, several rows or one row below.
        "a.png,\"Villous,x\nb.png,adenoma,x\nc.png,of \",x\n",
        "a.png,\"Villous,x\nb.png,the \",x\nc.png,Fat,x\n",
        "a.png,\"Villous,x\r\nb.png,the \",x\r\nc.png,Fat,x\r\n",
      })
  void aStrayQuoteThatSwallowsRowsIsNoticed(String rows) throws IOException {
    Path table = write("image,caption,label\n" + rows);
    assertThatThrownBy(() -> open(table, "type: csv, path: T"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("1 row whose quote swallows the next line")
        .hasMessageContaining("set quotes: none")
        .hasMessageContaining("(line 2)");
  }

  @Test
  void captionsOfSeveralLinesAreNoStrayQuotes() throws IOException {
    Path table =
        write(
            """
            image,caption,label
            a.png,"Glands, crowded,
            back to back, with, atypia
            and necrosis, see, below",x
            b.png,Fat.,x
            """);
    assertThat(open(table, "type: csv, path: T").get(0).texts().getFirst()).contains("\nand");
  }

  @Test
  void listsOfCaptionsAreTakenApart() throws IOException {
    Path table =
        write(
            """
            image,caption
            a.png,"['A gland.', ""The patient's fat."", '\\u00e9\\n', None, ' ']"
            b.png,"[""json \\"" here""]"
            c.png,
            """);
    Source apart = open(table, "type: csv, path: T, caption-lists: true");
    assertThat(apart.get(0).texts()).containsExactly("A gland.", "The patient's fat.", "é\n");
    assertThat(apart.get(1).texts()).containsExactly("json \" here");
    assertThat(apart.badSamples().empty().count()).isEqualTo(1);
    Source whole = open(table, "type: csv, path: T");
    assertThat(whole.get(1).texts()).containsExactly("[\"json \\\" here\"]");
    assertThat(whole.notes())
        .singleElement()
        .asString()
        .contains("the captions of 2 of 3 rows look like lists", "caption-lists: true");
    assertThat(whole.fingerprint()).isNotEqualTo(apart.fingerprint());
    Files.writeString(table, "image,caption\na.png,Plain text\nb.png,\"['A.'\"\n");
    assertThatThrownBy(() -> open(table, "type: csv, path: T, caption-lists: true"))
        .hasMessageContaining(
            "2 rows whose caption is no list such as ['A.', 'B.'] (caption-lists) (line 2, 3)");
  }

  @Test
  void pythonsListsAreReadAsPythonReadsThem() {
    assertThat(PythonList.parse(" [ 'a' , \"b\", ] ")).contains(List.of("a", "b"));
    assertThat(PythonList.parse("[]")).contains(List.of());
    assertThat(PythonList.parse("['it\\'s', '\\x41\\U0001F600\\\\d\\d', nan]"))
        .contains(List.of("it's", "A\uD83D\uDE00\\d\\d"));
    for (String none :
        List.of("", "a", "['a'", "['a' 'b']", "['a']x", "[a]", "['a", "['\\x4']", "['\\", "[1]")) {
      assertThat(PythonList.parse(none)).as(none).isEqualTo(Optional.empty());
    }
  }

  private Path write(String text) throws IOException {
    return Files.writeString(folder.resolve("t.csv"), text);
  }

  private static Source open(Path table, String settings) throws IOException {
    String yaml =
        "train: { %s, %s }\nimage: { size: 4 px }\n"
            .formatted(settings.replace("T,", table + ",").replaceFirst("T$", table + ""), COLUMNS);
    DataSettings data =
        Binder.bind(
            RecipeFile.parse(Path.of("data.yaml"), yaml, List.of(), Map.of()), DataSettings.class);
    return Sources.open(data.train(), new ImageDecoder());
  }
}
