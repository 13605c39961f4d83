package dev.eosin.slide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.config.DataException;
import dev.eosin.config.Pixels;
import dev.eosin.image.Filter;
import dev.eosin.image.RgbImage;
import dev.eosin.slide.TilingSettings.Icc;
import java.awt.color.ColorSpace;
import java.awt.color.ICC_Profile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ColourProfileTest {
  private static final int SIDE = 16;
  private static final int UNDEFINED = 7;

  @TempDir private Path folder;

  /// A slide of one tile whose bytes are 0 to 255.
  private Path slide(byte[] profile) throws IOException {
    var tiff = new DrawnTiff();
    byte[] pixels = new byte[3 * SIDE * SIDE];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i / 3);
    }
    byte[] piece = DrawnTiff.deflated(pixels);
    long[] place = {tiff.put(piece), piece.length};
    SortedMap<Integer, DrawnTiff.Field> fields =
        tiff.image(DrawnTiff.DEFLATE, SIDE, SIDE, SIDE, 1, place);
    if (profile.length > 0) {
      fields.put(
          TiffDirectory.COLOUR_PROFILE,
          new DrawnTiff.Field(UNDEFINED, profile.length, tiff.put(profile)));
    }
    return tiff.write(folder.resolve("x.tif"), 0);
  }

  private static TilingSettings cut(Icc icc) {
    return new TilingSettings(
        new Pixels(SIDE),
        Optional.empty(),
        Optional.empty(),
        Optional.of(new Pixels(SIDE)),
        Optional.empty(),
        Filter.BICUBIC,
        false,
        Optional.empty(),
        icc);
  }

  private static RgbImage tile(Path file, Icc icc) throws DataException {
    try (Slide slide = Slide.open(file, SlidePixelsTest.CODECS)) {
      return TilePlan.of(slide, Optional.empty(), cut(icc)).read(slide, new TilePlan.Place(0, 0));
    }
  }

  @Test
  void aLinearProfileIsBroughtToSrgbOrLeftAlone() throws IOException {
    byte[] linear = ICC_Profile.getInstance(ColorSpace.CS_LINEAR_RGB).getData();
    Path file = slide(linear);
    RgbImage ignored = tile(file, Icc.IGNORE);
    RgbImage applied = tile(file, Icc.APPLY);
    for (int i = 0; i < 256; i++) {
      assertThat(ignored.pixels()[3 * i] & 0xFF).isEqualTo(i);
      double value = i / 255.0;
      double encoded =
          value <= 0.0031308 ? 12.92 * value : 1.055 * Math.pow(value, 1 / 2.4) - 0.055;
      assertThat((applied.pixels()[3 * i] & 0xFF) / 255.0)
          .as("%d", i)
          .isEqualTo(encoded, within(2 / 255.0));
    }
  }

  @Test
  void withoutAProfileNothingChanges() throws IOException {
    Path file = slide(new byte[0]);
    assertThat(tile(file, Icc.APPLY).pixels()).isEqualTo(tile(file, Icc.IGNORE).pixels());
    byte[] standard = ICC_Profile.getInstance(ColorSpace.CS_sRGB).getData();
    RgbImage same = tile(slide(standard), Icc.APPLY);
    for (int i = 0; i < 256; i++) {
      assertThat(same.pixels()[3 * i] & 0xFF).isEqualTo(i);
    }
  }

  @Test
  void aBrokenProfileIsRefusedOnlyWhereItIsApplied() throws IOException {
    Path file = slide(new byte[300]);
    assertThat(tile(file, Icc.IGNORE).width()).isEqualTo(SIDE);
    assertThatThrownBy(() -> tile(file, Icc.APPLY))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("x.tif: the colour profile is broken; cut it with icc: ignore");
    Path grey = slide(ICC_Profile.getInstance(ColorSpace.CS_GRAY).getData());
    assertThatThrownBy(() -> tile(grey, Icc.APPLY)).hasMessageContaining("of 1 components");
  }

  @Test
  void whatIsDoneIsPinned() {
    assertThat(cut(Icc.IGNORE).toString()).endsWith("defaultMpp=Optional.empty]");
    assertThat(cut(Icc.APPLY).toString()).endsWith("icc=APPLY]");
  }
}
