package dev.eosin.data.listed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import dev.eosin.data.listed.ListedImages.Columns;
import dev.eosin.data.parquet.VectorTableWriter;
import dev.eosin.data.parquet.VectorTableWriter.VectorColumn;
import dev.eosin.image.Png;
import dev.eosin.image.RgbImage;
import dev.eosin.image.formats.ImageDecoder;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What lists of images know of shards, centres and texts.
class ListedImagesTest {
  private static final ImageDecoder DECODER = new ImageDecoder();

  @TempDir private Path home;

  private static byte[] tile() {
    return Png.encode(new RgbImage(4, 4, new byte[3 * 4 * 4]));
  }

  private static void add(TarArchiveOutputStream tar, String name, byte[] bytes)
      throws IOException {
    var entry = new TarArchiveEntry(name);
    entry.setSize(bytes.length);
    tar.putArchiveEntry(entry);
    tar.write(bytes);
    tar.closeArchiveEntry();
  }

  private Path shard(String name, boolean labelled) throws IOException {
    Path file = Files.createDirectories(home.resolve("shards")).resolve(name);
    try (var tar = new TarArchiveOutputStream(Files.newOutputStream(file))) {
      for (int i = 0; i < 3; i++) {
        add(tar, "t%d.png".formatted(i), tile());
        if (labelled) {
          add(tar, "t%d.cls".formatted(i), "%d".formatted(i % 2).getBytes(StandardCharsets.UTF_8));
          add(
              tar,
              "t%d.json".formatted(i),
              "{\"slide\": \"s%d\", \"kind\": \"k\"}"
                  .formatted(i)
                  .getBytes(StandardCharsets.UTF_8));
        }
      }
      if (labelled) {
        add(tar, "t2.txt", " ".getBytes(StandardCharsets.UTF_8));
      }
    }
    return file;
  }

  @Test
  void shardsNeedNoCaptionsAndTellTheirLabels() throws IOException {
    Path labelled = shard("a.tar", true);
    ListedImages images = ListedImages.open(labelled, Columns.GUESSED, DECODER);
    assertThat(images.size()).isEqualTo(3);
    assertThat(images.get(0).path()).isEqualTo("a.tar/t0");
    assertThat(images.get(1).label()).contains("1");
    assertThat(images.get(2).images().getFirst().encoded().orElseThrow()).isEqualTo(tile());
    var named =
        new Columns(
            Optional.empty(),
            Optional.of("slide"),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    assertThat(ListedImages.open(labelled, named, DECODER).get(1).group()).contains("s1");
    shard("b.tar", false);
    ListedImages both = ListedImages.open(home.resolve("shards"), Columns.GUESSED, DECODER);
    assertThat(both.size()).isEqualTo(6);
    assertThat(both.get(5).label()).isEmpty();
    var split =
        new Columns(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.of("site"));
    assertThatThrownBy(() -> ListedImages.open(labelled, split, DECODER))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("the column of the centre, site, is read of CSV, TSV and Parquet");
  }

  @Test
  void aParquetTableTellsItsCentre() throws IOException {
    Files.write(home.resolve("x.png"), tile());
    Path table = home.resolve("t.parquet");
    try (OutputStream out = Files.newOutputStream(table)) {
      var writer =
          new VectorTableWriter(
              out, List.of("image", "site"), List.of(new VectorColumn("v", 1, false)));
      writer.group(
          new long[] {0, 1},
          List.of(
              List.of(Optional.of("x.png"), Optional.of("y.png")),
              List.of(Optional.of("north"), Optional.empty())),
          (to, column, first, count) -> to.write(new byte[4 * count]));
      writer.finish(Map.of());
    }
    var columns =
        new Columns(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.of("site"));
    ListedImages images = ListedImages.open(table, columns, DECODER);
    assertThat(images.get(0).centre()).contains("north");
    assertThat(images.get(1).centre()).isEmpty();
    assertThat(images.fingerprint())
        .isNotEqualTo(ListedImages.open(table, Columns.GUESSED, DECODER).fingerprint());
  }

  @Test
  void textsAreLinesOrAColumn() throws IOException {
    Path lines = Files.writeString(home.resolve("t.txt"), "one tile\n two \n");
    ListedImages texts = ListedTexts.open(lines, Columns.GUESSED, Optional.empty());
    assertThat(texts.get(1).text()).contains("two");
    assertThat(texts.get(1).path()).isEqualTo("line 2");
    Path table =
        Files.writeString(home.resolve("t.tsv"), "image\tfinding\tbody\na.png\tf\t\nb.png\tg\tx\n");
    assertThat(ListedTexts.open(table, Columns.GUESSED, Optional.of("finding")).get(1).text())
        .contains("g");
    ListedImages empty = ListedTexts.open(table, Columns.GUESSED, Optional.of("body"));
    assertThat(empty.get(1).path()).isEqualTo("b.png");
    assertThatThrownBy(() -> empty.get(0)).hasMessageContaining("t.tsv: line 2: the text is empty");
    assertThatThrownBy(() -> ListedTexts.open(table, Columns.GUESSED, Optional.empty()))
        .hasMessageContaining(
            "no column is named like one of texts; name it; the columns are image");
    assertThatThrownBy(
            () -> ListedTexts.open(home.resolve("no.txt"), Columns.GUESSED, Optional.empty()))
        .hasMessageContaining("no.txt: cannot be read: no such file");
    assertThatThrownBy(() -> ListedTexts.open(home, Columns.GUESSED, Optional.empty()))
        .hasMessageContaining("expected texts as the lines of a .txt file");
  }
}
