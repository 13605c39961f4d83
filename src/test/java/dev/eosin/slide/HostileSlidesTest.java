package dev.eosin.slide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files that are cut off, that lie, or that are no slides.
class HostileSlidesTest {
  private static final String STRIPS = "strips.tif";

  @TempDir private Path folder;

  private Path file(String name, byte[] bytes) throws IOException {
    return Files.write(folder.resolve(name), bytes);
  }

  private static byte[] bytes(String name) throws IOException {
    return Files.readAllBytes(RecordedSlides.SMALL.resolve(name));
  }

  /// Opens and reads everything.
  private static void readAll(Path file) throws DataException {
    try (Slide slide = Slide.open(file, SlidePixelsTest.CODECS)) {
      for (int i = 0; i < slide.levels().size(); i++) {
        Slide.Level level = slide.levels().get(i);
        slide.read(i, 0, 0, level.width(), level.height());
      }
    }
  }

  @Test
  void aFileThatIsCutOffAnywhereSaysSo() throws IOException {
    for (String name : List.of("aperio-jpeg.svs", "big-lzw.tif", STRIPS)) {
      byte[] whole = bytes(name);
      for (int cut = 1; cut < 12; cut++) {
        byte[] part = Arrays.copyOf(whole, whole.length * cut / 12);
        Path file = file("cut-" + name, part);
        assertThatThrownBy(() -> readAll(file))
            .isInstanceOf(DataException.class)
            .hasMessageContaining(file.toString());
      }
    }
  }

  @Test
  void aPieceThatIsCutOffIsNamedAndNothingIsMadeUp() throws IOException {
    byte[] whole = bytes(STRIPS);
    ByteBuffer entry = entry(whole, TiffDirectory.STRIP_OFFSETS);
    int table = entry.getInt(entry.position() + 8);
    ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).putInt(table + 8, 2_000_000_000);
    Path file = file(STRIPS, whole);
    try (Slide slide = Slide.open(file, SlidePixelsTest.CODECS)) {
      assertThat(slide.read(0, 0, 0, 300, 100).height()).isEqualTo(100);
      assertThatThrownBy(() -> slide.read(0, 0, 99, 300, 2))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("column 0, row 2")
          .hasMessageContaining("cut off or corrupt");
    }
  }

  @Test
  void aPieceThatIsCutOffHidesNoMoreOfTheOverviewThanItsRows() throws IOException {
    byte[] whole = bytes(STRIPS);
    ByteBuffer entry = entry(whole, TiffDirectory.STRIP_OFFSETS);
    int table = entry.getInt(entry.position() + 8);
    ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).putInt(table + 8, 2_000_000_000);
    try (Slide slide = Slide.open(file(STRIPS, whole), SlidePixelsTest.CODECS)) {
      Overview overview = Overview.of(slide, 10);
      assertThat(overview.unreadable().keySet()).containsExactly(10, 11, 12, 13, 14);
      TissueMask mask = TissueMask.of(overview, TissueSettings.Preset.OTSU);
      assertThat(mask.share(0, 100, 300, 50)).isEqualTo(1);
    }
  }

  /// The entry of a field in the first directory of a little-endian file.
  private static ByteBuffer entry(byte[] file, int tag) {
    ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    int at = bytes.getInt(4) + 2;
    while (bytes.getShort(at) != tag) {
      at += 12;
    }
    return bytes.position(at);
  }

  @Test
  void numbersThatLieAreRefusedBeforeMemoryIsReserved() throws IOException {
    Map<Integer, Integer> lies =
        Map.of(
            TiffDirectory.WIDTH, Integer.MAX_VALUE,
            TiffDirectory.HEIGHT, -1,
            TiffDirectory.ROWS_PER_STRIP, 0,
            TiffDirectory.SAMPLES, 17,
            TiffDirectory.COMPRESSION, 50_000,
            TiffDirectory.PHOTOMETRIC, 32_803,
            TiffDirectory.STRIP_OFFSETS, -2);
    for (Map.Entry<Integer, Integer> lie : lies.entrySet()) {
      byte[] bytes = bytes(STRIPS);
      ByteBuffer entry = entry(bytes, lie.getKey());
      entry.putShort(entry.position() + 2, (short) 4);
      entry.putInt(entry.position() + 8, lie.getValue());
      Path file = file(STRIPS, bytes);
      assertThatThrownBy(() -> readAll(file))
          .as("field %d", lie.getKey())
          .isInstanceOf(DataException.class)
          .hasMessageContaining(file.toString());
    }
    byte[] bytes = bytes(STRIPS);
    ByteBuffer entry = entry(bytes, TiffDirectory.STRIP_OFFSETS);
    entry.putInt(entry.position() + 4, Integer.MAX_VALUE);
    Path file = file(STRIPS, bytes);
    assertThatThrownBy(() -> readAll(file))
        .hasMessageContaining("more than 6000000 tiles and strips together");
  }

  @Test
  void directoriesInACircleAreRefused() throws IOException {
    byte[] bytes = bytes(STRIPS);
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int first = buffer.getInt(4);
    buffer.putInt(first + 2 + 12 * buffer.getShort(first), first);
    Path file = file(STRIPS, bytes);
    assertThatThrownBy(() -> readAll(file))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("returns to byte " + first);
  }

  @Test
  void whateverBytesAreChangedItIsReadOrRefusedInOneLine() throws IOException {
    Random random = new Random(7);
    for (String name : List.of("aperio-jpeg.svs", "big-lzw.tif", "aperio-j2k-ycbcr.svs")) {
      byte[] whole = bytes(name);
      for (int round = 0; round < 12; round++) {
        byte[] changed = whole.clone();
        for (int i = 0; i < 40; i++) {
          int back = random.nextInt(round % 2 == 0 ? 1500 : whole.length);
          int at = whole.length - 1 - back;
          changed[Math.max(0, at)] = (byte) random.nextInt();
        }
        Path file = file(name, changed);
        try {
          readAll(file);
        } catch (DataException refused) {
          assertThat(refused).hasMessageContaining(file.toString());
          assertThat(refused.getMessage()).doesNotContain("\n");
        }
      }
    }
  }

  @Test
  void formatsThatAreNotReadAreNamedWithWhatHelps() throws IOException {
    Map<String, String> heads =
        Map.of(
            "x.isyntax", "<DataObject ObjectType=\"DPUfsImport\">",
            "x.czi", "ZISRAWFILE\0\0\0\0\0\0",
            "x.dcm", "\0".repeat(128) + "DICM",
            "x.mrxs", "\u00ff\u00d8\u00ff\u00e0 a JPEG image",
            "x.svs", "version https://git-lfs.github.com/spec/v1",
            "x.tif", "<!DOCTYPE html><html>Sign in</html>");
    Map<String, String> said =
        Map.of(
            "x.isyntax", "is a Philips iSyntax slide, which is not read; export it as TIFF",
            "x.czi", "OME-TIFF",
            "x.dcm", "is a DICOM file, which is not read; convert it to a tiled TIFF",
            "x.mrxs", "vips tiffsave 'x.mrxs'",
            "x.svs", "git lfs pull",
            "x.tif", "download the slide again");
    for (Map.Entry<String, String> head : heads.entrySet()) {
      Files.createDirectories(folder.resolve("x"));
      Path file = file(head.getKey(), head.getValue().getBytes(StandardCharsets.ISO_8859_1));
      assertThatThrownBy(() -> readAll(file))
          .isInstanceOf(DataException.class)
          .hasMessageContaining(said.getOrDefault(head.getKey(), "?"))
          .hasMessageContaining(file.toString());
    }
    Path alone =
        file(
            "alone.mrxs",
            Objects.requireNonNull(heads.get("x.mrxs")).getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> readAll(alone))
        .hasMessageContaining("without its folder " + folder.resolve("alone"))
        .hasMessageContaining("copy the folder beside it");
    Path text = file("text.svs", "Access denied\r\nby proxy".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> readAll(text))
        .hasMessageEndingWith(
            "OME-TIFF; it is a text that begins with 'Access denied': fetch the slide again, or leave the file out");
    Path empty = file("empty.svs", new byte[0]);
    assertThatThrownBy(() -> readAll(empty)).hasMessageContaining("it is empty");
    assertThatThrownBy(() -> readAll(folder)).hasMessageContaining("is a folder");
    assertThatThrownBy(() -> readAll(folder.resolve("none.svs")))
        .hasMessageContaining("no such file");
  }
}
