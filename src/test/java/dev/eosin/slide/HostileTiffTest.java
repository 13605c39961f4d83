package dev.eosin.slide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.eosin.config.DataException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.SortedMap;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files that were made to exhaust memory: refused in one line, with little memory.
class HostileTiffTest {
  private static final int LZW = 5;
  private static final int DEFLATE = DrawnTiff.DEFLATE;
  private static final long LITTLE = 48L << 20;

  @TempDir private Path folder;

  private final DrawnTiff tiff = new DrawnTiff();

  private Path file() throws IOException {
    return file(0);
  }

  private Path file(long after) throws IOException {
    return tiff.write(folder.resolve("hostile.tif"), after);
  }

  private static void open(Path file) throws DataException {
    Slide.open(file, SlidePixelsTest.CODECS).close();
  }

  private static void read(Path file, int width, int height) throws DataException {
    try (Slide slide = Slide.open(file, SlidePixelsTest.CODECS)) {
      slide.read(0, 0, 0, width, height);
    }
  }

  /// What it is refused for; everything that it reserved counts, whether it was let go or not.
  private static void assertRefused(ThrowingCallable reading, String reason) {
    var threads = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
    long before = threads.getCurrentThreadAllocatedBytes();
    assertThatThrownBy(reading)
        .isInstanceOf(DataException.class)
        .hasMessageContaining("hostile.tif: ")
        .hasMessageContaining(reason)
        .hasMessageNotContaining("\n");
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(LITTLE);
  }

  private static byte[] deflated(int zeros) throws IOException {
    return DrawnTiff.deflated(new byte[zeros]);
  }

  /// A table of pieces that are all the same bytes.
  private long[] shared(byte[] piece, int count) {
    long at = tiff.put(piece);
    if (count == 1) {
      return new long[] {at, piece.length}; // stand in the fields themselves
    }
    long[] offsets = new long[count];
    long[] lengths = new long[count];
    Arrays.fill(offsets, at);
    Arrays.fill(lengths, piece.length);
    return new long[] {tiff.put(offsets), tiff.put(lengths)};
  }

  @Test
  void directoriesThatShareOneLargeTableAreRefused() throws IOException {
    int count = 1 << 18;
    long[] tables = shared(deflated(768), count);
    for (int i = 0; i < 4000; i++) {
      tiff.image(DEFLATE, 16, 16L * count, 16, count, tables);
    }
    Path file = file();
    assertRefused(() -> open(file), "more than 6000000 tiles and strips together");
  }

  @Test
  void otherFieldsThatAreSharedHaveTheirMost() throws IOException {
    long[] tables = shared(deflated(768), 1);
    long large = tiff.put(new byte[8 << 20]);
    for (int tag : new int[] {TiffDirectory.BITS, TiffDirectory.JPEG_TABLES}) {
      var one = new DrawnTiff();
      one.put(new byte[16 + (8 << 20)]);
      for (int i = 0; i < 500; i++) {
        SortedMap<Integer, DrawnTiff.Field> fields = one.image(DEFLATE, 16, 16, 16, 1, tables);
        fields.put(tag, new DrawnTiff.Field(1, 8 << 20, large));
      }
      Path file = one.write(folder.resolve("hostile.tif"), 0);
      assertRefused(() -> open(file), "says that field %d has 8388608 values".formatted(tag));
    }
  }

  @Test
  void headingsOfManyDirectoriesAreNotReadToTheirEnds() throws IOException {
    long[] tables = shared(deflated(768), 1);
    byte[] words = new byte[4 << 20];
    Arrays.fill(words, (byte) 'A');
    System.arraycopy("Aperio\nlabel x".getBytes(StandardCharsets.UTF_8), 0, words, 0, 14);
    long text = tiff.put(words);
    for (int i = 0; i < 300; i++) {
      SortedMap<Integer, DrawnTiff.Field> fields = tiff.image(DEFLATE, 16, 16, 16, 1, tables);
      fields.put(TiffDirectory.DESCRIPTION, new DrawnTiff.Field(2, words.length, text));
      if (i > 0) {
        fields.remove(TiffDirectory.TILE_WIDTH);
        fields.put(TiffDirectory.STRIP_OFFSETS, fields.remove(TiffDirectory.TILE_OFFSETS));
        fields.put(TiffDirectory.STRIP_BYTES, fields.remove(TiffDirectory.TILE_BYTES));
      }
    }
    Path file = file();
    var threads = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
    long before = threads.getCurrentThreadAllocatedBytes();
    try (Slide slide = Slide.open(file, SlidePixelsTest.CODECS)) {
      assertThat(slide.associated()).containsExactlyInAnyOrder("thumbnail", "label");
    }
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(LITTLE);
  }

  @Test
  void piecesThatCannotHoldTheirPixelsAreRefusedBeforeTheyAreUnpacked() throws IOException {
    long[] tables = shared(deflated(1 << 16), 1);
    for (int compression : new int[] {DEFLATE, LZW}) {
      var one = new DrawnTiff();
      one.put(new byte[1024]);
      one.image(compression, 9000, 9000, 9000, 1, new long[] {16, 90});
      Path file = one.write(folder.resolve("hostile.tif"), 0);
      assertRefused(() -> read(file, 10, 10), "its 90 bytes cannot hold 9000 x 9000 px");
    }
    tiff.image(DEFLATE, 1 << 20, 1 << 20, 1 << 20, 1, tables);
    Path larger = file();
    assertRefused(() -> open(larger), "has pieces of 1048576 x 1048576 px");
  }

  @Test
  void aBombIsUnpackedNoFurtherThanItsPixels() throws IOException {
    tiff.image(DEFLATE, 16, 16, 16, 1, shared(deflated(64 << 20), 1));
    Path file = file();
    var threads = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
    long before = threads.getCurrentThreadAllocatedBytes();
    read(file, 16, 16);
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(LITTLE);
  }

  @Test
  void directoriesThatReturnAreRefused() throws IOException {
    long[] tables = shared(deflated(768), 1);
    tiff.image(DEFLATE, 16, 16, 16, 1, tables);
    tiff.image(DEFLATE, 16, 16, 16, 1, tables);
    Path chain = file(tiff.place(1));
    assertRefused(() -> open(chain), "returns to byte " + tiff.place(1));
    var one = new DrawnTiff();
    long text = one.put("<OME/>".getBytes(StandardCharsets.UTF_8));
    SortedMap<Integer, DrawnTiff.Field> ome =
        one.image(DEFLATE, 16, 16, 16, 1, new long[] {text, 6});
    ome.put(TiffDirectory.DESCRIPTION, new DrawnTiff.Field(2, 6, 0x3E2F454D4F3CL));
    DrawnTiff.number(ome, TiffDirectory.SUB_DIRECTORIES, 0);
    DrawnTiff.number(ome, TiffDirectory.SUB_DIRECTORIES, one.place(0));
    Path sub = one.write(folder.resolve("hostile.tif"), 0);
    assertRefused(() -> open(sub), "returns to byte " + one.place(0));
  }

  @Test
  void numbersAtTheEndOfTheirRangeAreRefused() throws IOException {
    long[] tables = shared(deflated(768), 1);
    tiff.image(DEFLATE, 16, 16, 16, 1, tables);
    for (long next : new long[] {Long.MAX_VALUE, Long.MIN_VALUE, -1, Long.MAX_VALUE - 7}) {
      Path file = file(next);
      assertRefused(() -> open(file), "cut off or corrupt");
    }
    for (long count : new long[] {Long.MAX_VALUE, Long.MIN_VALUE, -1, 1L << 61, 1L << 32}) {
      var one = new DrawnTiff();
      one.image(DEFLATE, 16, 16, 16, count, tables);
      Path file = one.write(folder.resolve("hostile.tif"), 0);
      assertRefused(() -> open(file), "the file is corrupt");
    }
    for (long side : new long[] {Long.MAX_VALUE, -1, 1L << 31, 0}) {
      var one = new DrawnTiff();
      one.image(DEFLATE, side, side, 16, 1, tables);
      Path file = one.write(folder.resolve("hostile.tif"), 0);
      assertRefused(() -> open(file), "corrupt");
    }
    var wide = new DrawnTiff();
    wide.image(DEFLATE, Integer.MAX_VALUE, Integer.MAX_VALUE, 1, 1, tables);
    Path file = wide.write(folder.resolve("hostile.tif"), 0);
    assertRefused(() -> open(file), "for 4611686014132420609 places");
  }

  @Test
  void aSlideOfMoreTilesThanThereAreIsRefusedBeforeItIsDecoded() throws IOException {
    int across = 128;
    long[] tables = shared(deflated(3 * 4096 * 4096), across * across);
    tiff.image(DEFLATE, 4096L * across, 4096L * across, 4096, across * across, tables);
    Path file = file();
    TilingSettings cut = TilingSettings.ofMpp(32, 0.5);
    assertRefused(
        () -> {
          try (Slide slide = Slide.open(file, SlidePixelsTest.CODECS)) {
            TileSelection.of(
                slide, "hostile", Optional.of(PixelSize.ofTable(0.5)), cut, TissueSettings.DEFAULT);
          }
        },
        "at most 16777216 are cut of one slide");
  }

  @Test
  void anOverviewIsReadInPartsWhereARowOfItIsLarge() throws IOException {
    long[] places = new long[7];
    for (int i = 0; i < places.length; i++) {
      byte[] grey = new byte[3 * 512 * 512];
      Arrays.fill(grey, (byte) (30 * i));
      places[i] = tiff.put(DrawnTiff.deflated(grey));
    }
    long[] offsets = new long[256];
    long[] lengths = new long[256];
    Arrays.setAll(offsets, i -> places[i % 7]);
    Arrays.fill(lengths, places[1] - places[0] + 600);
    tiff.image(
        DEFLATE, 512 * 256, 512, 512, 256, new long[] {tiff.put(offsets), tiff.put(lengths)});
    try (Slide slide = Slide.open(file(), SlidePixelsTest.CODECS)) {
      Overview overview = Overview.of(slide, 512);
      assertThat(overview.image().width()).isEqualTo(256);
      for (int i = 0; i < 256; i++) {
        assertThat(overview.image().pixels()[3 * i + 1] & 0xFF).isEqualTo(30 * (i % 7));
      }
    }
  }
}
