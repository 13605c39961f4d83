package dev.eosin.data.tables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import dev.eosin.data.MissingFiles;
import dev.eosin.data.Sample;
import dev.eosin.data.Source;
import dev.eosin.data.settings.CsvColumns;
import dev.eosin.data.settings.CsvSettings;
import dev.eosin.image.formats.ImageDecoder;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvSourceTest {
  private static final ImageDecoder DECODER = new ImageDecoder();
  private static final CsvColumns ALL =
      new CsvColumns(
          "image", Optional.of("caption"), List.of(), Optional.of("label"), Optional.of("slide"));

  @TempDir Path folder;

  @BeforeEach
  void makeImages() throws IOException {
    for (String name : List.of("a.png", "b.png", "c.png")) {
      Files.createFile(folder.resolve(name));
    }
  }

  @Test
  void rowsBecomeSamples() throws IOException {
    Source source =
        open(
            """
            image,caption,label,slide
            a.png,"Glands, and
            ""stroma"".",TUM,s1
            b.png,Fat.,ADI,s2
            """);
    assertThat(source.size()).isEqualTo(2);
    Sample first = source.get(0);
    assertThat(first.key()).isEqualTo("a.png");
    assertThat(first.texts()).containsExactly("Glands, and\n\"stroma\".");
    assertThat(first.label()).contains("TUM");
    assertThat(first.group()).contains("s1");
    assertThat(source.get(1).texts()).containsExactly("Fat.");
    assertThat(source.classTexts())
        .containsExactly(Map.entry("ADI", "ADI"), Map.entry("TUM", "TUM"));
    assertThat(source.badSamples().missing()).isEqualTo(MissingFiles.NONE);
  }

  @Test
  void imagesAreReadWhenAskedFor() throws IOException {
    Source source = open("image,caption,label,slide\na.png,A,x,1\nb.png,B,x,1\n");
    ImageIO.write(
        new BufferedImage(3, 2, BufferedImage.TYPE_INT_RGB),
        "png",
        folder.resolve("b.png").toFile());
    assertThat(source.get(1).image().read().width()).isEqualTo(3);
    assertThatThrownBy(() -> source.get(0).image().read())
        .isInstanceOf(DataException.class)
        .hasMessageContaining("a.png: the file is empty");
  }

  @Test
  void byteOrderMarkWindowsLineEndsAndEmptyLinesAreAccepted() throws IOException {
    Source source =
        open("\uFEFF\"image\",caption,label,slide\r\n\r\na.png,One.,x,1\r\n\r\nb.png,µm é,x,2");
    assertThat(source.size()).isEqualTo(2);
    assertThat(source.get(1).texts()).containsExactly("µm é");
  }

  @Test
  void whereChoosesASplit() throws IOException {
    String table = "image,split,label\na.png,train,x\nb.png,test,y\nc.png,train,y\n";
    Source source = CsvSource.open(split(write(table), "train"), DECODER);
    assertThat(source.size()).isEqualTo(2);
    assertThat(source.get(1).key()).isEqualTo("c.png");
    assertThat(source.get(1).texts()).containsExactly("An image of y.");
    assertThat(source.fingerprint())
        .isNotEqualTo(CsvSource.open(split(write(table), "test"), DECODER).fingerprint());
  }

  @Test
  void anUnknownSplitNamesTheSplitsThereAre() throws IOException {
    CsvSettings settings = split(write("image,split,label\na.png,train,x\nb.png,test,y\n"), "val");
    assertThatThrownBy(() -> CsvSource.open(settings, DECODER))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("no row has {split=val}; split is one of [test, train]");
  }

  @Test
  void aMissingColumnNamesTheColumnsThereAre() {
    assertThatThrownBy(() -> open("filepath;caption;slide\na.png;One.;1\n"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("no column 'image' (columns.image), no column 'caption'")
        .hasMessageContaining("the columns are: filepath;caption;slide")
        .hasMessageEndingWith("; the header looks like one with separator: \";\"");
    assertThatThrownBy(() -> open("image\tcaption\tlabel\tslide\na.png\tOne.\tx\t1\n"))
        .hasMessageEndingWith("; the header looks like one with separator: \"\\t\"");
    assertThatThrownBy(() -> open("filepath,caption,label,slide\na.png,One.,x,1\n"))
        .hasMessageEndingWith("the columns are: filepath, caption, label, slide");
    assertThatThrownBy(() -> open("image,caption,label,slide,label\na.png,One.,x,1,y\n"))
        .hasMessageContaining("two columns 'label'");
  }

  @Test
  void faultyRowsAreCountedByKindWithTheirLines() {
    StringBuilder table = new StringBuilder("image,caption,label,slide\n");
    table.append("a.png,One.,x,1\n").append("a.png,,x,1\n").append(",Two.,x,1\n");
    table.append("a.png,\"Three\nlines\nhere\",,1\n").append("a.png,One.\n");
    table.append("a.png,One.,x,\n").append("a.png, ,x,1\n");
    assertThatThrownBy(() -> open(table.toString()))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("2 rows with an empty caption (line 3, 10)")
        .hasMessageContaining("1 row without an image path (line 4)")
        .hasMessageContaining("1 row with an empty label (line 5)")
        .hasMessageContaining("1 row with fewer fields than the header's 4 (line 8)")
        .hasMessageContaining("1 row with an empty group (line 9)");
  }

  @Test
  void aRowMayHaveSeveralCaptions() throws IOException {
    Path table =
        write("image,caption,long,short\na.png,One.,A long one.,\nb.png,,,B\nc.png,x,y,z\n");
    Source source = CsvSource.open(captions(table, List.of("long", "short")), DECODER);
    assertThat(source.get(0).texts()).containsExactly("One.", "A long one.");
    assertThat(source.get(1).texts()).containsExactly("B");
    assertThat(source.get(2).texts()).containsExactly("x", "y", "z");
    assertThatThrownBy(() -> CsvSource.open(captions(table, List.of("longer")), DECODER))
        .hasMessageContaining("no column 'longer' (columns.more-captions)");
    Files.writeString(table, "image,caption,long,short\na.png,,,\n");
    assertThatThrownBy(() -> CsvSource.open(captions(table, List.of("long", "short")), DECODER))
        .hasMessageContaining("all 1 rows have an empty caption, for example a.png (line 2)");
  }

  @Test
  void aPackedTableIsRefused() throws IOException {
    Path table = folder.resolve("labels.csv.gz");
    Files.write(table, new byte[] {0x1f, (byte) 0x8b, 8, 0});
    assertThatThrownBy(() -> CsvSource.open(captioned(table, ","), DECODER))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("is compressed with gzip; unpack it first: gunzip --keep");
  }

  @Test
  void anUnclosedQuoteIsRefused() {
    assertThatThrownBy(() -> open("image,caption,label,slide\na.png,\"One.,x,1\nb.png,Two.,x,1\n"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("cannot be read as CSV");
  }

  @Test
  void emptyTablesAreRefused() {
    assertThatThrownBy(() -> open("")).hasMessageContaining("the table is empty");
    assertThatThrownBy(() -> open("image,caption,label,slide\n"))
        .hasMessageContaining("has a header but no rows");
    assertThatThrownBy(() -> CsvSource.open(captioned(folder.resolve("no.csv"), ","), DECODER))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("no.csv: no such file");
  }

  @Test
  void aLabelWithoutATextIsRefused() throws IOException {
    CsvSettings settings =
        new CsvSettings(
            write("image,label\na.png,TUM\nb.png,ADI\n"),
            ",",
            Optional.empty(),
            new CsvColumns(
                "image", Optional.empty(), List.of(), Optional.of("label"), Optional.empty()),
            Map.of(),
            Map.of("TUM", "tumour", "AID", "adipose tissue"),
            List.of());
    assertThatThrownBy(() -> CsvSource.open(settings, DECODER))
        .hasMessageContaining("1 row with the label 'ADI', which class-names lacks (line 3)")
        .hasMessageContaining("; class-names has [AID], which no sample here is labelled as");
  }

  @Test
  void missingImagesAreCountedAndAllMissingIsRefused() throws IOException {
    Source source = open("image,caption,label,slide\na.png,A,x,1\nz.png,Z,x,1\ny.png,Y,x,1\n");
    assertThat(source.badSamples().missing())
        .isEqualTo(new MissingFiles(2, List.of("z.png", "y.png")));
    assertThatThrownBy(() -> open("image,caption,label,slide\nz.png,Z,x,1\n"))
        .hasMessageContaining("none of the 1 images exists")
        .hasMessageContaining("set 'images' to the folder");
  }

  @Test
  void anyRowCanBeReadInAnyOrder() throws IOException {
    StringBuilder table = new StringBuilder("image\tcaption\tlabel\tslide\n");
    for (int i = 0; i < 1_000; i++) {
      table.append("a.png\t\"caption\n %d\"\tx\t%d\n".formatted(i, i));
    }
    Source source = CsvSource.open(captioned(write(table.toString()), "\t"), DECODER);
    for (int i = 0; i < 3_000; i++) {
      int index = Math.floorMod(i * 7_919, 1_000);
      assertThat(source.get(index).texts()).containsExactly("caption\n " + index);
    }
  }

  @Test
  void theFingerprintFollowsTheTable() throws IOException {
    String table = "image,caption,label,slide\na.png,A,x,1\n";
    String fingerprint = open(table).fingerprint();
    assertThat(open(table).fingerprint()).isEqualTo(fingerprint).hasSize(64);
    assertThat(open(table + "b.png,B,x,1\n").fingerprint()).isNotEqualTo(fingerprint);
  }

  private Source open(String table) throws IOException {
    return CsvSource.open(captioned(write(table), ","), DECODER);
  }

  private Path write(String table) throws IOException {
    return Files.writeString(folder.resolve("labels.csv"), table);
  }

  private static CsvSettings captioned(Path table, String separator) {
    return new CsvSettings(table, separator, Optional.empty(), ALL, Map.of(), Map.of(), List.of());
  }

  private static CsvSettings captions(Path table, List<String> more) {
    CsvColumns columns =
        new CsvColumns("image", Optional.of("caption"), more, Optional.empty(), Optional.empty());
    return new CsvSettings(table, ",", Optional.empty(), columns, Map.of(), Map.of(), List.of());
  }

  private static CsvSettings split(Path table, String split) {
    CsvColumns columns =
        new CsvColumns(
            "image", Optional.empty(), List.of(), Optional.of("label"), Optional.empty());
    return new CsvSettings(
        table,
        ",",
        Optional.empty(),
        columns,
        Map.of("split", split),
        Map.of(),
        List.of("An image of {}."));
  }
}
