package dev.eosin.slide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.config.DataException;
import dev.eosin.config.Pixels;
import dev.eosin.config.Share;
import dev.eosin.image.Filter;
import dev.eosin.image.RgbImage;
import dev.eosin.image.formats.ImageDecoder;
import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import io.jhdf.api.WritableDataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.TreeMap;
import org.assertj.core.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TilingTest {
  @TempDir private Path folder;

  private static Slide open(String name) throws DataException {
    return Slide.open(RecordedSlides.SMALL.resolve(name), SlidePixelsTest.CODECS);
  }

  private static TilingSettings settings(
      int size,
      Optional<Double> mpp,
      Optional<Integer> power,
      Optional<Integer> level0,
      int overlap) {
    return new TilingSettings(
        new Pixels(size),
        mpp,
        power,
        level0.map(Pixels::new),
        overlap == 0 ? Optional.empty() : Optional.of(new Pixels(overlap)),
        Filter.BICUBIC,
        false,
        Optional.empty());
  }

  @Test
  void whatAPixelMeasuresIsTakenFromTheFirstThatSaysIt() throws IOException {
    try (Slide aperio = open("aperio-jpeg.svs");
        Slide tag = open("big-lzw.tif");
        Slide ome = open("subifds.ome.tif");
        Slide plain = open("strips.tif");
        Slide none = open("planar.tif")) {
      PixelSize table = PixelSize.ofTable(0.3);
      assertThat(PixelSize.of(aperio, Optional.of(table), false)).isEqualTo(table);
      assertThat(PixelSize.of(aperio, Optional.empty(), false))
          .isEqualTo(new PixelSize(0.499, 0.499, PixelSize.Source.PROPERTY));
      assertThat(PixelSize.of(tag, Optional.empty(), false))
          .isEqualTo(new PixelSize(0.5, 0.5, PixelSize.Source.RESOLUTION_TAG));
      assertThat(PixelSize.of(ome, Optional.empty(), false))
          .isEqualTo(new PixelSize(0.5, 0.51, PixelSize.Source.PROPERTY));
      assertThat(PixelSize.of(plain, Optional.empty(), false).x()).isEqualTo(0.5);
      assertThatThrownBy(() -> PixelSize.of(none, Optional.empty(), true))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("planar.tif: does not say what a pixel measures")
          .hasMessageContaining("column mpp");
    }
  }

  @Test
  void tilesHaveExactlyTheSizeThatIsAskedFor() throws IOException {
    try (Slide slide = open("big-lzw.tif")) {
      TilePlan plan = TilePlan.of(slide, Optional.empty(), TilingSettings.ofMpp(50, 1.0));
      assertThat(plan.level()).isEqualTo(1);
      assertThat(plan.readWidth()).isEqualTo(50);
      assertThat(plan.width()).isEqualTo(100, within(1e-9));
      assertThat(plan.grid(slide)).hasSize(3 * 2);
      TilePlan between = TilePlan.of(slide, Optional.empty(), TilingSettings.ofMpp(50, 0.8));
      assertThat(between.level()).isZero();
      assertThat(between.readWidth()).isEqualTo(80);
      assertThat(between.read(slide, new TilePlan.Place(100, 20)).width()).isEqualTo(50);
      assertThatThrownBy(() -> TilePlan.of(slide, Optional.empty(), TilingSettings.ofMpp(50, 0.25)))
          .isInstanceOf(TooCoarseException.class)
          .hasMessageContaining("would be magnified");
    }
  }

  @Test
  void magnificationsAreThoseOfTrident() throws IOException {
    assertThat(List.of(0.12, 0.18, 0.265, 0.499, 1.0, 2.0).stream().map(Magnification::of))
        .extracting(found -> found.orElse(0))
        .containsExactly(80, 60, 40, 20, 10, 5);
    assertThat(Magnification.of(2.4)).isEmpty();
    try (Slide slide = open("big-lzw.tif")) {
      Optional<PixelSize> forty = Optional.of(PixelSize.ofTable(0.265));
      var ten = settings(32, Optional.empty(), Optional.of(10), Optional.empty(), 8);
      TilePlan plan = TilePlan.of(slide, forty, ten);
      assertThat(plan.width()).isEqualTo(128);
      assertThat(plan.stepX()).isEqualTo(96);
    }
  }

  @Test
  void pixelsOfLevelZeroNeedNoMicrometres() throws IOException {
    try (Slide slide = open("planar.tif")) {
      var pathGen = settings(32, Optional.empty(), Optional.empty(), Optional.of(128), 16);
      TilePlan plan = TilePlan.of(slide, Optional.empty(), pathGen);
      assertThat(plan.pixel()).isEmpty();
      assertThat(plan.stepX()).isEqualTo(64);
      assertThat(plan.grid(slide)).hasSize(3 * 3);
    }
  }

  @Test
  void settingsThatContradictThemselvesAreRefused() {
    assertThatThrownBy(() -> settings(32, Optional.of(1.0), Optional.of(10), Optional.empty(), 0))
        .hasMessageContaining("exactly one of mpp");
    assertThatThrownBy(() -> settings(32, Optional.of(1.0), Optional.empty(), Optional.empty(), 32))
        .hasMessageContaining("tiles would not move on");
  }

  @Test
  void tissueIsWhereColourIsAndContoursKeepItWithItsHoles() throws IOException {
    byte[] pixels = new byte[3 * 40 * 30];
    Arrays.fill(pixels, (byte) 240);
    boolean[] drawn = new boolean[40 * 30];
    for (int y = 5; y < 25; y++) {
      for (int x = 5; x < 20; x++) {
        boolean hole = x >= 10 && x < 15 && y >= 10 && y < 15;
        drawn[y * 40 + x] = !hole;
        pixels[3 * (y * 40 + x) + 1] = (byte) (hole ? 240 : 120);
      }
    }
    Overview overview = new Overview(new RgbImage(40, 30, pixels), 16, new TreeMap<>());
    TissueMask mask = TissueMask.of(overview, TissueSettings.Preset.OTSU);
    assertThat(mask.share(5 * 16, 5 * 16, 5 * 16, 5 * 16)).isGreaterThan(0.9);
    assertThat(mask.share(25 * 16, 0, 160, 160)).isZero();
    assertThat(TissueMask.of(overview, TissueSettings.Preset.NONE).share()).isEqualTo(1);
    TissueMask exact = new TissueMask(40, 30, 16, drawn);
    Path file = Files.write(folder.resolve("x.geojson"), Contours.of(exact).geoJson());
    Contours read = Contours.read(file);
    assertThat(read.polygons()).singleElement().satisfies(one -> assertThat(one).hasSize(2));
    assertThat(read.mask(40, 30, 16).tissue()).isEqualTo(drawn);
    Path broken = Files.writeString(folder.resolve("y.geojson"), "{\"features\": []}");
    assertThatThrownBy(() -> Contours.read(broken)).hasMessageContaining("holds no polygon");
  }

  @Test
  void anAnnotationInsideOfAnotherTakesNothingAway() throws IOException {
    String feature =
        "{\"type\":\"Feature\",\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[%s]}}";
    String outer = feature.formatted("[[0,0],[80,0],[80,80],[0,80],[0,0]]");
    String tumour = feature.formatted("[[20,20],[60,20],[60,60],[20,60],[20,20]]");
    Path file = Files.writeString(folder.resolve("q.geojson"), "[" + outer + "," + tumour + "]");
    assertThat(Contours.read(file).mask(8, 8, 10).share()).isEqualTo(1);
  }

  @Test
  void whatOfAnOverviewCannotBeReadCountsAsTissue() {
    byte[] white = new byte[3 * 10 * 10];
    Arrays.fill(white, (byte) 255);
    var unreadable = new TreeMap<>(Map.of(4, "broken", 5, "broken"));
    TissueMask mask =
        TissueMask.of(
            new Overview(new RgbImage(10, 10, white), 16, unreadable), TissueSettings.Preset.OTSU);
    assertThat(mask.share(0, 64, 160, 32)).isEqualTo(1);
    assertThat(mask.share()).isEqualTo(0.2);
  }

  @Test
  void coordinatesOfClamAreOfTheLevelThatTheyWereCutFrom() throws IOException {
    Path file = folder.resolve("clam.h5");
    for (boolean told : List.of(true, false)) {
      try (WritableHdfFile hdf = HdfFile.write(file)) {
        WritableDataset coords = hdf.putDataset("coords", new long[][] {{3, 7}});
        coords.putAttribute("patch_size", 64L);
        coords.putAttribute("patch_level", 1L);
        if (told) {
          coords.putAttribute("downsample", new double[] {4.0, 4.0});
        }
      }
      TileCoordinates read = TileCoordinates.read(file);
      assertThat(read.patchSizeLevel0())
          .isEqualTo(told ? OptionalInt.of(256) : OptionalInt.empty());
    }
    try (Slide slide = open("big-lzw.tif")) {
      TissueSettings given = given(folder);
      TilingSettings tiling = TilingSettings.ofMpp(64, 0.5);
      assertThatThrownBy(() -> TileSelection.of(slide, "clam", Optional.empty(), tiling, given))
          .hasMessageContaining("does not say how large its tiles are at level 0");
    }
  }

  @Test
  void foldersThatServeNoSlideAreRefused() throws IOException {
    TissueSettings there = given(folder);
    assertThatThrownBy(() -> there.requireFilesFor(List.of("one", "two")))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("tissue.coordinates has no file for any slide")
        .hasMessageContaining("one.h5");
    TissueSettings missing = given(folder.resolve("cordinates"));
    assertThatThrownBy(() -> missing.requireFilesFor(List.of("one")))
        .hasMessageContaining("tissue.coordinates is no folder");
    Files.writeString(folder.resolve("two_patches.h5"), "");
    there.requireFilesFor(List.of("one", "two"));
    assertThat(there.coordinatesOf("two")).isPresent();
  }

  /// Coordinates of a folder, and everything for tissue.
  private static TissueSettings given(Path coordinates) {
    return new TissueSettings(
        TissueSettings.Preset.NONE,
        8,
        new Share(0.5),
        new Share(0.85),
        new Share(0.12),
        10,
        Optional.empty(),
        Optional.of(coordinates));
  }

  @Test
  void contoursOfAnyMaskGiveTheMaskAgain() throws IOException {
    var random = new Random(3);
    for (int round = 0; round < 20; round++) {
      boolean[] tissue = new boolean[13 * 11];
      for (int i = 0; i < tissue.length; i++) {
        tissue[i] = random.nextInt(3) > 0;
      }
      TissueMask mask = new TissueMask(13, 11, 7.5, tissue);
      Path file = Files.write(folder.resolve("mask.geojson"), Contours.of(mask).geoJson());
      assertThat(Contours.read(file).mask(13, 11, 7.5).tissue()).isEqualTo(tissue);
    }
  }

  @Test
  void badTilesOfRealSlidesAreDropped() throws IOException {
    String shared = Objects.requireNonNullElse(System.getenv("EOSIN_SHARED"), "../shared");
    Path tiles = Path.of(shared, "data", "tile-quality");
    Assumptions.assumeThat(tiles).as("set EOSIN_SHARED to a folder with it").exists();
    int penMissed = 0;
    for (String line : Files.readAllLines(tiles.resolve("labels.csv")).stream().skip(1).toList()) {
      String[] fields = line.split(",", -1);
      RgbImage tile = new ImageDecoder().decode(tiles.resolve(fields[0])).toRgb();
      Optional<TileQuality.Flaw> flaw = TileQuality.of(tile).flaw(TissueSettings.DEFAULT);
      switch (fields[1]) {
        case "tissue" -> assertThat(flaw).as(line).isEmpty();
        case "tissue+pen" -> penMissed += flaw.isEmpty() ? 1 : 0;
        default -> assertThat(flaw).as(line).isPresent();
      }
    }
    assertThat(penMissed).as("of three").isLessThanOrEqualTo(1);
  }

  @Test
  void coordinatesOfOthersTakeThePlaceOfTheGrid() throws IOException {
    TilingSettings tiling = TilingSettings.ofMpp(64, 0.5);
    TissueSettings settings = given(folder);
    List<TilePlan.Place> places = List.of(new TilePlan.Place(3, 7), new TilePlan.Place(150, 190));
    try (Slide slide = open("big-lzw.tif")) {
      TilePlan plan = TilePlan.of(slide, Optional.empty(), tiling);
      TileCoordinates.write(folder.resolve("one.h5"), "one", slide, plan, tiling, places);
      assertThat(TileSelection.of(slide, "one", Optional.empty(), tiling, settings).places())
          .isEqualTo(places);
      assertThat(TileSelection.of(slide, "other", Optional.empty(), tiling, settings).places())
          .hasSize(4 * 4);
      TilingSettings larger = TilingSettings.ofMpp(100, 0.5);
      assertThatThrownBy(() -> TileSelection.of(slide, "one", Optional.empty(), larger, settings))
          .hasMessageContaining("has tiles of 64 px of level 0");
      List<TilePlan.Place> twice = List.of(places.getFirst(), places.getFirst());
      TileCoordinates.write(folder.resolve("one.h5"), "one", slide, plan, tiling, twice);
      assertThatThrownBy(() -> TileSelection.of(slide, "one", Optional.empty(), tiling, settings))
          .hasMessageContaining("names the tile at 3, 7 twice");
      List<TilePlan.Place> outside = List.of(new TilePlan.Place(290, 7));
      TileCoordinates.write(folder.resolve("one.h5"), "one", slide, plan, tiling, outside);
      assertThatThrownBy(() -> TileSelection.of(slide, "one", Optional.empty(), tiling, settings))
          .hasMessageContaining("does not lie inside");
    }
  }
}
