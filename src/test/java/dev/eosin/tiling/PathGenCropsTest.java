package dev.eosin.tiling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.config.DataException;
import dev.eosin.config.Pixels;
import dev.eosin.image.Filter;
import dev.eosin.image.RgbImage;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.image.slides.SlideCodecs;
import dev.eosin.prepare.PreparationReport;
import dev.eosin.prepare.PreparationRun;
import dev.eosin.prepare.PreparationSettings;
import dev.eosin.prepare.PreparationSettings.Failed;
import dev.eosin.prepare.PreparationSettings.Limits;
import dev.eosin.slide.DrawnTiff;
import dev.eosin.slide.Slide;
import dev.eosin.slide.TilingSettings;
import dev.eosin.tiling.SlideTilesSettings.Format;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.assertj.core.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A made-up copy of PathGen-1.6M's layout: records in both spellings, slides as GDC's client lays
/// them out.
class PathGenCropsTest {
  private static final String UUID = "0b1c2d3e-4f50-4a6b-8c7d-9e0f1a2b3c4d";
  private static final String BARCODE = "TCGA-AA-0001-01Z-00-DX1";
  private static final String LONG_NAME = BARCODE + ".1F2E3D4C-5B6A-4788-9900-AABBCCDDEEFF";

  @TempDir private Path folder;

  private final List<String> records = new ArrayList<>();

  private Path slides() throws IOException {
    return Files.createDirectories(folder.resolve("slides"));
  }

  private static RgbImage drawn(int width, int height) {
    byte[] pixels = new byte[3 * width * height];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i * 31 + i / (3 * width) * 7);
    }
    return new RgbImage(width, height, pixels);
  }

  private void record(String key, String slide, int x, int y, String more) {
    records.add(
        "{\"%s\": \"%s\", \"position\": [\"%d\", \"%d\"], \"caption\": \"Tile at %d, %d.\"%s}"
            .formatted(key, slide, x, y, x, y, more));
  }

  private Path array() throws IOException {
    return Files.writeString(
        folder.resolve("records.json"), "[" + String.join(",\n", records) + "]");
  }

  private static CropsSettings settings(Path records, Path slides, int side, int shard) {
    return new CropsSettings(
        records,
        slides,
        new Pixels(side),
        Optional.empty(),
        Filter.BICUBIC,
        TilingSettings.Icc.IGNORE,
        Format.PNG,
        90,
        shard);
  }

  private PreparationReport cut(CropsSettings settings) throws DataException {
    var work = new PreparationSettings(2, Failed.OPEN, 50, Limits.NONE);
    return new PreparationRun(
            folder.resolve("out"), PathGenCrops.open(settings, SlideCodecs.find()), work, 7)
        .run(progress -> {}, () -> false);
  }

  private Map<String, byte[]> members() throws IOException {
    Map<String, byte[]> members = new LinkedHashMap<>();
    try (var shards = Files.list(folder.resolve("out/shards"))) {
      for (Path shard : shards.sorted().toList()) {
        try (InputStream in = Files.newInputStream(shard);
            var tar = new TarArchiveInputStream(in)) {
          for (TarArchiveEntry entry = tar.getNextEntry();
              entry != null;
              entry = tar.getNextEntry()) {
            members.put(entry.getName(), tar.readAllBytes());
          }
        }
      }
    }
    return members;
  }

  private JsonNode manifest() throws IOException {
    return new ObjectMapper().readTree(folder.resolve("out/manifest.json").toFile());
  }

  private String out(String name) throws IOException {
    return Files.readString(folder.resolve("out").resolve(name));
  }

  @Test
  void cropsOfBothSpellingsAreCutOutOfGdcsFolders() throws IOException {
    RgbImage picture = drawn(1500, 1400);
    Path own = Files.createDirectories(slides().resolve(UUID));
    DrawnTiff.slide(own.resolve(LONG_NAME + ".tif"), picture, 256);
    DrawnTiff.slide(slides().resolve("other.tif"), drawn(700, 700), 256);
    DrawnTiff.slide(slides().resolve("other.derived.tif"), drawn(20, 20), 256);
    record("wsi_id", LONG_NAME, 800, 700, ", \"file_id\": \"" + UUID + "\"");
    record("WSI_id", LONG_NAME, 3, 5, ", \"file_id\": \"" + UUID + "\"");
    record("WSI_id", "other", 28, 28, "");
    PreparationReport report = cut(settings(array(), slides(), 672, 1000));
    assertThat(report.funnel().kept()).isEqualTo(2);
    Map<String, byte[]> members = members();
    String name = LONG_NAME.replace('.', '_');
    assertThat(members.keySet())
        .containsExactlyInAnyOrder(
            name + "_800_700.png",
            name + "_800_700.json",
            name + "_800_700.txt",
            name + "_3_5.png",
            name + "_3_5.json",
            name + "_3_5.txt",
            "other_28_28.png",
            "other_28_28.json",
            "other_28_28.txt");
    byte[] png = Objects.requireNonNull(members.get(name + "_800_700.png"));
    RgbImage crop = new ImageDecoder().decode(png, "crop").toRgb();
    assertThat(crop.width()).isEqualTo(672);
    for (int y = 0; y < 672; y++) {
      int at = 3 * ((700 + y) * 1500 + 800);
      assertThat(crop.pixels()[3 * 672 * y]).isEqualTo(picture.pixels()[at]);
      assertThat(crop.pixels()[3 * 672 * y + 2015]).isEqualTo(picture.pixels()[at + 2015]);
    }
    assertThat(members.get(name + "_3_5.txt")).asString().isEqualTo("Tile at 3, 5.");
    JsonNode fields = new ObjectMapper().readTree(members.get(name + "_800_700.json"));
    assertThat(fields.path("group").asText()).isEqualTo(LONG_NAME);
    assertThat(fields.path("file_id").asText()).isEqualTo(UUID);
    assertThat(fields.path("record").asInt()).isEqualTo(1);
  }

  @Test
  void everyRecordIsCutOrToldOf() throws IOException {
    Path broken = DrawnTiff.slide(slides().resolve("broken.tif"), drawn(100, 100), 32);
    byte[] bytes = Files.readAllBytes(broken);
    bytes[16 + 2] ^= (byte) 0xFF; // within the first piece's stream
    Files.write(broken, bytes);
    Files.writeString(slides().resolve("none.svs"), "no slide");
    Files.writeString(slides().resolve("part.svs.partial"), "half");
    record("wsi_id", "broken", 0, 0, "");
    record("wsi_id", "broken", 64, 64, "");
    record("wsi_id", "broken", 90, 64, "");
    record("WSI_id", "broken", 64, 64, "");
    record("wsi_id", "none", 0, 0, "");
    record("wsi_id", "part", 0, 0, "");
    record("wsi_id", "TCGA-ZZ", 0, 0, ", \"file_id\": \"" + UUID + "\"");
    record("wsi_id", "TCGA-ZZ", 9, 0, ", \"file_id\": \"" + UUID + "\"");
    PreparationReport report = cut(settings(array(), slides(), 32, 1000));
    assertThat(report.funnel().rejected())
        .containsEntry("missing-slide", 2L)
        .containsEntry("unreadable-slide", 1L)
        .containsEntry("no-crop-kept", 0L);
    JsonNode told = manifest().path("records");
    assertThat(told.path("all").asLong()).isEqualTo(8);
    assertThat(told.path("kept").asLong()).isEqualTo(1);
    assertThat(told.path("repeated").asLong()).isEqualTo(1);
    assertThat(told.path("outside").asLong()).isEqualTo(1);
    assertThat(told.path("unreadable").asLong()).isEqualTo(1);
    assertThat(told.path("of_slides_left_out").asLong()).isEqualTo(4);
    assertThat(out("rejects.jsonl"))
        .contains("part.svs.partial is not fetched whole")
        .contains("file_id [" + UUID + "]")
        .contains("; 2 records");
    assertThat(out("dropped.jsonl"))
        .contains("\"reason\":\"unreadable\"", "column 0, row 0")
        .contains("record 2 has the same place")
        .contains("the slide has 100 x 100 px");
  }

  @Test
  void aSlideIsFoundByItsBarcodeAndAmongSeveralByItsFolder() throws IOException {
    Path project = Files.createDirectories(slides().resolve("TCGA-COAD"));
    DrawnTiff.slide(project.resolve(LONG_NAME + ".tif"), drawn(64, 64), 32);
    record("wsi_id", BARCODE, 0, 0, ", \"file_id\": \"" + UUID + "\"");
    Path lines = Files.writeString(folder.resolve("lines.jsonl"), records.getFirst() + "\n");
    assertThat(cut(settings(lines, slides(), 32, 1000)).funnel().kept()).isEqualTo(1);
    Path second = Files.createDirectories(slides().resolve("again"));
    Files.copy(project.resolve(LONG_NAME + ".tif"), second.resolve(LONG_NAME + ".tif"));
    clear();
    cut(settings(lines, slides(), 32, 1000));
    assertThat(out("rejects.jsonl")).contains("2 files could be it");
    Files.move(second, slides().resolve(UUID));
    clear();
    assertThat(cut(settings(lines, slides(), 32, 1000)).funnel().kept()).isEqualTo(1);
    assertThat(out("slides.jsonl")).contains(UUID + "/" + LONG_NAME);
  }

  /// Removes what was prepared.
  private void clear() throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve("out"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.delete(file);
      }
    }
  }

  @Test
  void faultyRecordsAreNamedBeforeAnythingIsCut() throws IOException {
    DrawnTiff.slide(slides().resolve("a.tif"), drawn(64, 64), 32);
    record("wsi_id", "a", 0, 0, "");
    record("slide", "a", 0, 0, "");
    records.add("{\"wsi_id\": \"a\", \"position\": [1.5, 2], \"caption\": \"x\"}");
    records.add("{\"wsi_id\": \"a\", \"position\": [1, 2]}");
    assertThatThrownBy(() -> cut(settings(array(), slides(), 32, 1000)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("3 of 4 records cannot be cut")
        .hasMessageContaining("record 2 without wsi_id")
        .hasMessageContaining("record 3 whose position is not [x, y] in pixels")
        .hasMessageContaining("record 4 without caption");
    assertThatThrownBy(() -> cut(settings(array(), folder.resolve("no"), 32, 1000)))
        .hasMessageContaining("is no folder");
  }

  @Test
  void aShardThatWasLostIsCutAgain() throws IOException {
    DrawnTiff.slide(slides().resolve("a.tif"), drawn(64, 64), 32);
    record("wsi_id", "a", 0, 0, "");
    record("wsi_id", "a", 9, 9, "");
    CropsSettings settings = settings(array(), slides(), 32, 1);
    cut(settings);
    Path shard = folder.resolve("out/shards/a-0001.tar");
    byte[] before = Files.readAllBytes(shard);
    Files.delete(shard);
    Files.delete(folder.resolve("out/rejects.jsonl"));
    cut(settings);
    assertThat(shard).hasBinaryContent(before);
  }

  @Test
  void cropsOfARealSlideHaveItsPixels() throws IOException {
    String shared = Objects.requireNonNullElse(System.getenv("EOSIN_SHARED"), "../shared");
    Path real = Path.of(shared, "data/wsi/CMU-1-Small-Region.svs").toAbsolutePath();
    Assumptions.assumeThat(real).as("set EOSIN_SHARED to a folder with data/wsi").exists();
    Path own = Files.createDirectories(slides().resolve(UUID));
    Files.createSymbolicLink(own.resolve(String.valueOf(real.getFileName())), real);
    record("wsi_id", "CMU-1-Small-Region", 500, 1000, ", \"file_id\": \"" + UUID + "\"");
    cut(settings(array(), slides(), 672, 1000));
    byte[] png = Objects.requireNonNull(members().get("CMU-1-Small-Region_500_1000.png"));
    try (Slide slide = Slide.open(real, SlideCodecs.find())) {
      assertThat(new ImageDecoder().decode(png, "crop").toRgb().pixels())
          .isEqualTo(slide.read(0, 500, 1000, 672, 672).pixels());
    }
    byte[] json = Objects.requireNonNull(members().get("CMU-1-Small-Region_500_1000.json"));
    assertThat(new String(json, StandardCharsets.UTF_8)).contains("\"mpp\":0.499");
  }
}
