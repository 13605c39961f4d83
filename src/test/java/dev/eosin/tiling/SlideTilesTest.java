package dev.eosin.tiling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.config.DataException;
import dev.eosin.config.Pixels;
import dev.eosin.config.Share;
import dev.eosin.data.settings.SlideListSettings;
import dev.eosin.image.Filter;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.image.slides.SlideCodecs;
import dev.eosin.prepare.Cost;
import dev.eosin.prepare.PreparationContract;
import dev.eosin.prepare.PreparationReport;
import dev.eosin.prepare.PreparationRun;
import dev.eosin.prepare.PreparationSettings;
import dev.eosin.prepare.PreparationSettings.Failed;
import dev.eosin.prepare.PreparationSettings.Limits;
import dev.eosin.prepare.RowPreparation;
import dev.eosin.prepare.RowSteps.Answer;
import dev.eosin.prepare.RowSteps.Service;
import dev.eosin.slide.TileCoordinates;
import dev.eosin.slide.TilingSettings;
import dev.eosin.slide.TissueSettings;
import dev.eosin.slide.TissueSettings.Preset;
import dev.eosin.tiling.SlideTilesSettings.Format;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SlideTilesTest extends PreparationContract {
  private static final Path TABLE = Path.of("src/test/resources/slide/slides.csv");

  @TempDir private Path folder;

  private static SlideTiles tiles(Path slides, int size, double mpp) {
    return tiles(slides, size, mpp, 10);
  }

  private static SlideTiles tiles(Path slides, int size, double mpp, double sharpness) {
    TissueSettings tissue =
        new TissueSettings(
            Preset.OTSU,
            4,
            new Share(0.5),
            new Share(0.85),
            new Share(0.12),
            sharpness,
            Optional.empty(),
            Optional.empty());
    TilingSettings cut =
        new TilingSettings(
            new Pixels(size),
            Optional.of(mpp),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Filter.BICUBIC,
            false,
            Optional.empty());
    return new SlideTiles(
        new SlideTilesSettings(
            SlideListSettings.of(slides), cut, tissue, Format.PNG, 90, 2, new Share(0.05)),
        SlideCodecs.find());
  }

  /// Cutting asks nobody, and would be over before anything can befall it.
  @Override
  protected RowPreparation preparation(UnaryOperator<Service> outside) {
    return new AskingPreparation(
        tiles(TABLE, 32, 2), outside.apply(request -> new Answer(request, Cost.ofCall(0, 0))));
  }

  @Override
  protected String firstTooLarge() {
    return "shards/[a-z0-9-]+\\.tar|slides/[a-z0-9-]+\\.(jpg|geojson|h5)|" + super.firstTooLarge();
  }

  private PreparationReport cut(SlideTiles tiles) throws DataException {
    var settings = new PreparationSettings(2, Failed.OPEN, 50, Limits.NONE);
    return new PreparationRun(folder, tiles, settings, 7).run(progress -> {}, () -> false);
  }

  @Test
  void everySlideIsCutOrLeftOutWithItsReasonAndEveryTileCounted() throws IOException {
    PreparationReport report = cut(tiles(TABLE, 64, 0.5));
    assertThat(report.funnel().rejected())
        .containsEntry("unreadable-slide", 1L)
        .containsEntry("not-cut", 1L)
        .containsEntry("too-coarse", 1L);
    assertThat(report.funnel().kept()).isEqualTo(3);
    ObjectMapper json = new ObjectMapper();
    JsonNode manifest = json.readTree(folder.resolve("manifest.json").toFile());
    JsonNode totals = manifest.path("tiles");
    long told = 0;
    for (String name :
        List.of("kept", "no-tissue", "fold", "unreadable", "pen", "blank", "blurred")) {
      told += totals.path(name).asLong();
    }
    assertThat(told).isEqualTo(totals.path("grid").asLong()).isPositive();
    long inShards = 0;
    for (JsonNode shard : manifest.path("shards")) {
      inShards += shard.path("tiles").asLong();
      assertThat(folder.resolve("shards").resolve(shard.path("file").asText()))
          .hasSize(shard.path("bytes").asLong());
    }
    assertThat(inShards).isEqualTo(totals.path("kept").asLong());
    assertThat(Files.readString(folder.resolve("rejects.jsonl")))
        .contains("does not say what a pixel measures")
        .contains("would be magnified")
        .contains("none.svs");
  }

  @Test
  void picturesContoursAndCoordinatesStandBesideTheShards() throws IOException {
    cut(tiles(TABLE, 64, 0.5));
    Path slides = folder.resolve("slides");
    assertThat(new ImageDecoder().decode(slides.resolve("big-lzw.jpg")).width()).isEqualTo(37);
    TileCoordinates coordinates = TileCoordinates.read(slides.resolve("big-lzw.h5"));
    JsonNode first =
        new ObjectMapper()
            .readTree(
                Files.readAllLines(folder.resolve("slides.jsonl")).stream()
                    .filter(line -> line.contains("\"big-lzw\""))
                    .findFirst()
                    .orElseThrow());
    assertThat(coordinates.places()).hasSize(first.path("tiles").path("kept").asInt());
    assertThat(coordinates.patchSizeLevel0()).hasValue(64);
    assertThat(first.path("mpp_source").asText()).isEqualTo("resolution_tag");
    assertThat(first.path("group").asText()).isEqualTo("big-lzw");
  }

  @Test
  void aPageShowsWhatBecameOfSlidesAndTiles() throws IOException {
    cut(tiles(TABLE, 64, 0.5));
    String page = Files.readString(folder.resolve("page.html"));
    JsonNode manifest = new ObjectMapper().readTree(folder.resolve("manifest.json").toFile());
    JsonNode totals = manifest.path("tiles");
    assertThat(page)
        .contains(
            "%d of %d tiles are kept, of 3 of 6 slides"
                .formatted(totals.path("kept").asInt(), totals.path("grid").asInt()))
        .contains("alt=\"overview of big-lzw")
        .contains("alt=\"first tile of big-lzw-0000.tar\"")
        .containsPattern("left out before they were cut</th><td class=\"number\">3<")
        .doesNotContain("no picture");
  }

  @Test
  void aPageShowsWhatWasDroppedAndWhy() throws IOException {
    cut(tiles(TABLE, 64, 0.5, 1e9));
    assertThat(Files.readString(folder.resolve("page.html")))
        .contains("0 of 0 tiles are kept, of 0 of 6 slides", "Dropped: blurred")
        .containsPattern("no-tile-kept</th><td class=\"number\">3<")
        .containsPattern("big-lzw: 0 of [0-9]+ tiles are kept; left out: of ")
        .containsPattern("alt=\"dropped tile of big-lzw at [0-9]+, [0-9]+\"")
        .doesNotContain("no picture");
  }

  @Test
  void contoursThatChangedOrServeNoSlideAreRefused(@TempDir Path contours) throws IOException {
    SlideTiles whole = tiles(TABLE, 64, 0.5);
    SlideTilesSettings same = whole.settings();
    TissueSettings tissue = TissueSettings.DEFAULT;
    SlideTiles drawn =
        new SlideTiles(
            new SlideTilesSettings(
                same.slides(),
                same.cut(),
                new TissueSettings(
                    tissue.preset(),
                    tissue.overviewMpp(),
                    tissue.atLeast(),
                    tissue.blank(),
                    tissue.pen(),
                    tissue.sharpness(),
                    Optional.of(contours),
                    Optional.empty()),
                same.format(),
                same.quality(),
                same.shardTiles(),
                same.unreadable()),
            SlideCodecs.find());
    assertThatThrownBy(() -> cut(drawn))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("tissue.contours has no file for any slide");
    String ring =
        "[{\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[%d,0],[%d,200],[0,200]]]}}]";
    Path file = contours.resolve("big-lzw.geojson");
    Files.writeString(file, ring.formatted(200, 200));
    cut(drawn);
    Files.writeString(file, ring.formatted(300, 300));
    Files.delete(folder.resolve("rejects.jsonl"));
    assertThatThrownBy(() -> cut(drawn)).isInstanceOf(DataException.class);
  }

  /// Two are cut in their middle: what can be read of them depends on where their directories lie.
  @Test
  void aSlideThatIsCutOffIsToldOfAndTheOthersAreCut(@TempDir Path slides) throws IOException {
    for (String name : List.of("strips.tif", "big-lzw.tif", "aperio-jpeg.svs")) {
      byte[] whole = Files.readAllBytes(TABLE.resolveSibling(name));
      int kept = name.equals("aperio-jpeg.svs") ? whole.length : whole.length / 2;
      Files.write(slides.resolve(name), Arrays.copyOf(whole, kept));
    }
    PreparationReport report = cut(tiles(slides, 64, 0.5));
    assertThat(report.end()).isEqualTo(PreparationReport.End.FINISHED);
    JsonNode manifest = new ObjectMapper().readTree(folder.resolve("manifest.json").toFile());
    long unreadable = manifest.path("tiles").path("unreadable").asLong();
    long rejected = report.funnel().rejected().getOrDefault("unreadable-slide", 0L);
    assertThat(unreadable + rejected).isPositive();
    assertThat(manifest.path("tiles").path("kept").asLong()).isPositive();
    assertThat(Files.readString(folder.resolve("rejects.jsonl"))).contains("cut off");
  }

  @Test
  void aSlideThatIsCutOffBetweenTwoStartsIsRefusedAndNothingIsLost(@TempDir Path slides)
      throws IOException {
    Path slide = slides.resolve("aperio-jpeg.svs");
    Files.copy(TABLE.resolveSibling("aperio-jpeg.svs"), slide);
    Files.copy(TABLE.resolveSibling("big-lzw.tif"), slides.resolve("big-lzw.tif"));
    cut(tiles(slides, 64, 0.5));
    byte[] manifest = Files.readAllBytes(folder.resolve("manifest.json"));
    byte[] ledger = Files.readAllBytes(folder.resolve("ledger.jsonl"));
    byte[] whole = Files.readAllBytes(slide);
    Files.delete(folder.resolve("funnel.json"));
    Files.delete(folder.resolve("manifest.json"));

    Files.write(slide, Arrays.copyOf(whole, whole.length / 2));
    assertThatThrownBy(() -> cut(tiles(slides, 64, 0.5)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("rows: it was")
        .hasMessageContaining("a key, a value or a column of the rows is another one");
    assertThat(folder.resolve("ledger.jsonl")).hasBinaryContent(ledger);

    Files.write(slide, whole);
    cut(tiles(slides, 64, 0.5));
    assertThat(folder.resolve("manifest.json")).hasBinaryContent(manifest);
  }

  @Test
  void aShardThatWasLostIsCutAgain() throws IOException {
    cut(tiles(TABLE, 64, 0.5));
    Path shard;
    try (var shards = Files.list(folder.resolve("shards"))) {
      shard = shards.sorted().findFirst().orElseThrow();
    }
    byte[] before = Files.readAllBytes(shard);
    Files.delete(shard);
    Files.delete(folder.resolve("rejects.jsonl"));
    cut(tiles(TABLE, 64, 0.5));
    assertThat(shard).hasBinaryContent(before);
  }
}
