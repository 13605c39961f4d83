package dev.eosin.slide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.Share;
import dev.eosin.image.RgbImage;
import dev.eosin.slide.TissueSettings.Folds;
import dev.eosin.slide.TissueSettings.Preset;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A drawn section: glass, tissue, dense nuclei in it, and a strip that lies on itself.
class FoldsTest {
  private static final int SIDE = 640;
  private static final int TILE = 64;

  @TempDir private Path folder;

  /// Two layers let through the product of what each lets through.
  private static RgbImage section() {
    byte[] pixels = new byte[3 * SIDE * SIDE];
    int[] stain = {215, 160, 205};
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        boolean glass = x < 64 || y < 64;
        boolean folded = !glass && x >= 320 && x < 384;
        boolean dense = !glass && x >= 448 && x < 576 && y >= 320;
        boolean nucleus = !glass && (x / 3 * 7 + y / 3 * 13) % 11 < (dense ? 5 : 2);
        for (int band = 0; band < 3; band++) {
          double through = glass ? 0.96 : stain[band] / 255.0 * (nucleus ? 0.62 : 1);
          double seen = folded ? through * through * 0.97 : through;
          pixels[3 * (y * SIDE + x) + band] = (byte) Math.round(255 * seen);
        }
      }
    }
    return new RgbImage(SIDE, SIDE, pixels);
  }

  private static TissueSettings settings(Preset preset, Folds folds) {
    TissueSettings usual = TissueSettings.DEFAULT;
    return new TissueSettings(
        preset,
        4,
        usual.atLeast(),
        usual.blank(),
        usual.pen(),
        0,
        Optional.empty(),
        Optional.empty(),
        folds,
        new Share(0.25));
  }

  private TileSelection select(Slide slide, TissueSettings settings) throws IOException {
    return TileSelection.of(
        slide,
        "section",
        Optional.of(PixelSize.ofTable(0.5)),
        TilingSettings.ofMpp(TILE, 0.5),
        settings);
  }

  @Test
  void tilesOnAFoldAreDroppedAndDenseOnesAreKept() throws IOException {
    Path file = DrawnTiff.slide(folder.resolve("section.tif"), section(), 128);
    for (Folds preset : new Folds[] {Folds.USUAL, Folds.STRICT}) {
      TissueSettings settings = settings(Preset.OTSU, preset);
      try (Slide slide = Slide.open(file, SlidePixelsTest.CODECS)) {
        TileSelection selection = select(slide, settings);
        assertThat(selection.places()).hasSize(9 * 9);
        for (TilePlan.Place place : selection.places()) {
          switch (selection.judge(slide, place, settings)) {
            case TileSelection.Judged.Kept kept -> assertThat(place.x()).isNotEqualTo(320);
            case TileSelection.Judged.Dropped(TileQuality.Flaw flaw) -> {
              assertThat(flaw.reason()).isEqualTo("fold");
              assertThat(flaw.detail()).startsWith("folded ");
              assertThat(place.x()).isEqualTo(320);
            }
          }
        }
      }
    }
  }

  @Test
  void withoutAPresetFoldsStayAndPinsAreThoseOfBefore() throws IOException {
    Path file = DrawnTiff.slide(folder.resolve("section.tif"), section(), 128);
    TissueSettings keep = settings(Preset.OTSU, Folds.KEEP);
    try (Slide slide = Slide.open(file, SlidePixelsTest.CODECS)) {
      TileSelection selection = select(slide, keep);
      assertThat(selection.places()).allMatch(place -> selection.fold(place, keep).isEmpty());
    }
    assertThat(keep.toString()).endsWith("coordinates=Optional.empty]");
    assertThat(settings(Preset.OTSU, Folds.STRICT).toString()).endsWith("folds=STRICT 25 %]");
    assertThatThrownBy(() -> settings(Preset.NONE, Folds.USUAL))
        .hasMessageContaining("preset: none does not look for");
  }
}
