package dev.eosin.slide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.config.Pixels;
import dev.eosin.image.Filter;
import io.jhdf.HdfFile;
import io.jhdf.api.Dataset;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Against a file of TRIDENT's layout that h5py wrote (`scripts/record-trident.py`).
class TridentCoordinatesTest {
  private static final Path RECORDED =
      RecordedSlides.SMALL.resolve("trident").resolve("slide-a_patches.h5");

  private static final List<TilePlan.Place> PLACES =
      List.of(
          new TilePlan.Place(0, 0),
          new TilePlan.Place(512, 0),
          new TilePlan.Place(1024, 512),
          new TilePlan.Place(7, 250_000),
          new TilePlan.Place(123_456, 4));

  private static final List<String> NUMBERS =
      List.of(
          "patch_size",
          "patch_size_level0",
          "level0_magnification",
          "target_magnification",
          "overlap",
          "level0_width",
          "level0_height");

  @TempDir private Path folder;

  /// A slide of the recorded size; none of its tiles is ever decoded.
  private Path slide() throws IOException {
    var tiff = new DrawnTiff();
    byte[] piece = DrawnTiff.deflated(new byte[3 * 64]);
    long at = tiff.put(piece);
    long[] offsets = new long[32 * 64];
    long[] lengths = new long[32 * 64];
    Arrays.fill(offsets, at);
    Arrays.fill(lengths, piece.length);
    long[] tables = {tiff.put(offsets), tiff.put(lengths)};
    tiff.image(DrawnTiff.DEFLATE, 131_072, 262_144, 4096, offsets.length, tables);
    return tiff.write(folder.resolve("slide-a.tif"), 0);
  }

  @Test
  void whatTridentWritesIsRead() throws IOException {
    TileCoordinates read = TileCoordinates.read(RECORDED);
    assertThat(read.name()).isEqualTo("slide-a");
    assertThat(read.places()).isEqualTo(PLACES);
    assertThat(read.patchSize()).isEqualTo(256);
    assertThat(read.patchSizeLevel0()).hasValue(512);
  }

  @Test
  void writtenBackItHasTheSameNumbersOfTheSameKinds() throws IOException {
    Path written = folder.resolve("slide-a.h5");
    TilingSettings cut =
        new TilingSettings(
            new Pixels(256),
            Optional.empty(),
            Optional.of(20),
            Optional.empty(),
            Optional.empty(),
            Filter.BICUBIC,
            false,
            Optional.empty());
    try (Slide slide = Slide.open(slide(), SlidePixelsTest.CODECS)) {
      TilePlan plan = TilePlan.of(slide, Optional.of(PixelSize.ofTable(0.25)), cut);
      TileCoordinates read = TileCoordinates.read(RECORDED);
      TileCoordinates.write(written, read.name(), slide, plan, cut, read.places());
    }
    assertThat(TileCoordinates.read(written)).isEqualTo(TileCoordinates.read(RECORDED));
    try (HdfFile golden = new HdfFile(RECORDED);
        HdfFile own = new HdfFile(written)) {
      Dataset expected = golden.getDatasetByPath("coords");
      Dataset found = own.getDatasetByPath("coords");
      assertThat(found.getData()).isEqualTo(expected.getData());
      assertThat(found.getJavaType()).isEqualTo(expected.getJavaType());
      assertThat(found.getDimensions()).isEqualTo(expected.getDimensions());
      for (String name : NUMBERS) {
        assertThat(found.getAttribute(name).getData())
            .as(name)
            .isEqualTo(expected.getAttribute(name).getData());
      }
      assertThat(found.getAttribute("name").getData())
          .isEqualTo(expected.getAttribute("name").getData());
    }
  }
}
