package dev.eosin.recipe.prepared;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.image.RgbImage;
import dev.eosin.prepare.PreparationReport;
import dev.eosin.prepare.PreparationRun;
import dev.eosin.prepare.Row;
import dev.eosin.prepare.Rows;
import dev.eosin.recipe.Preparation;
import dev.eosin.slide.DrawnTiff;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The recipes of data-prep/pathgen-1.6m and data-prep/pathgen-init as they stand, on made-up
/// copies of what they read.
class PathGenPreparationsTest {
  private static final String UUID = "7d9e0f1a-2b3c-4d5e-8f60-718293a4b5c6";
  private static final String SLIDE =
      "TCGA-AA-0001-01Z-00-DX1.1F2E3D4C-5B6A-4788-9900-AABBCCDDEEFF";

  @TempDir private Path folder;

  private static RgbImage tissue(int width, int height) {
    byte[] pixels = new byte[3 * width * height];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        boolean nucleus = x / 12 * 5 % 7 + y / 12 * 3 % 5 < 4;
        byte[] colour =
            nucleus
                ? new byte[] {110, 60, (byte) 140}
                : new byte[] {(byte) 220, (byte) 150, (byte) 200};
        System.arraycopy(colour, 0, pixels, 3 * (y * width + x), 3);
      }
    }
    return new RgbImage(width, height, pixels);
  }

  private PreparationReport run(String file, String name, String... overrides) throws IOException {
    List<String> all = new ArrayList<>(Arrays.asList(overrides));
    all.add("output.dir=" + folder.resolve(name));
    Preparation recipe = Preparation.read(Path.of("data-prep", file), all);
    return new PreparationRun(
            recipe.folder(), OpenedPreparations.open(recipe), recipe.work(), recipe.seed())
        .run(progress -> {}, () -> false);
  }

  private JsonNode manifest(String name) throws IOException {
    return new ObjectMapper().readTree(folder.resolve(name).resolve("manifest.json").toFile());
  }

  private List<String> column(String file, String name) throws IOException {
    List<String> values = new ArrayList<>();
    try (Rows rows = Rows.table(folder.resolve(file), "row", Map.of())) {
      for (Optional<Row> row = rows.next(); row.isPresent(); row = rows.next()) {
        values.add(row.get().content().path(name).asText());
      }
    }
    return values;
  }

  @Test
  void recordsBecomeShards() throws IOException {
    Path own = Files.createDirectories(folder.resolve("gdc").resolve(UUID));
    Path drawn = DrawnTiff.slide(own.resolve("drawn.tif"), tissue(1400, 1400), 256);
    Files.move(drawn, own.resolve(SLIDE + ".svs"));
    Path records =
        Files.writeString(
            folder.resolve("PathGen-1.6M.json"),
            """
            [{"wsi_id": "%1$s", "position": ["672", "0"], "caption": "Glands.", "file_id": "%2$s"},
             {"WSI_id": "%1$s", "position": ["0", "700"], "caption": "Stroma.", "file_id": "%2$s"},
             {"wsi_id": "TCGA-ZZ-9999", "position": ["1", "2"], "caption": "Not fetched."}]
            """
                .formatted(SLIDE, UUID));
    PreparationReport report =
        run(
            "pathgen-1.6m/crops.yaml",
            "crops",
            "crops.records=" + records,
            "crops.slides=" + folder.resolve("gdc"));
    assertThat(report.funnel().kept()).isEqualTo(1);
    assertThat(report.funnel().rejected()).containsEntry("missing-slide", 1L);
    JsonNode told = manifest("crops").path("records");
    assertThat(told.path("kept").asInt()).isEqualTo(2);
    assertThat(told.path("of_slides_left_out").asInt()).isEqualTo(1);
    assertThat(Files.readString(folder.resolve("crops/page.html")))
        .contains("2 of 3 records are cut, out of 1 of 2 slides", "Glands.", "data:image/png");
    assertThat(column("crops/crops.parquet", "caption")).containsExactly("Glands.", "Stroma.");
  }

  @Test
  void slidesBecomeCandidatesAndBothVariantsMineThem() throws IOException {
    DrawnTiff.slide(folder.resolve("one.tif"), tissue(2100, 1400), 256);
    Path slides =
        Files.writeString(folder.resolve("slides.csv"), "slide,project\none.tif,TCGA-COAD\n");
    run("pathgen-init/tiles.yaml", "tiles", "tiles.slides.path=" + slides);
    assertThat(manifest("tiles").path("tiles").path("kept").asInt()).isEqualTo(3 * 2);
    Path recorded = Path.of("src/test/resources/mining");
    String prompt =
        "{name: %s, texts: %2$s/texts.npy, texts-table: %2$s/texts.csv, combine: %3$s, top: %4$d}";
    String[] inputs = {
      "mine.images=" + recorded.resolve("tiles.npy"),
      "mine.images-table=" + recorded.resolve("tiles.csv")
    };
    run(
        "pathgen-init/mine.yaml",
        "paper",
        inputs[0],
        inputs[1],
        "mine.prompts=[%s, %s]"
            .formatted(
                prompt.formatted("attributes", recorded, "max", 64),
                prompt.formatted("findings", recorded, "sum", 64)));
    run(
        "pathgen-init/mine-tutorial.yaml",
        "tutorial",
        inputs[0],
        inputs[1],
        "mine.prompts=[%s]".formatted(prompt.formatted("attributes", recorded, "max", 128)));
    for (String variant : List.of("paper", "tutorial")) {
      List<String> names = Files.readAllLines(folder.resolve(variant).resolve("names.txt"));
      assertThat(column(variant + "/mined.parquet", "path")).isEqualTo(names);
      assertThat(Files.readString(folder.resolve(variant).resolve("page.html")))
          .contains("%,d of".formatted(names.size()), "attributes", "clusters");
      for (JsonNode rule : manifest(variant).path("rules")) {
        assertThat(
                rule.path("kept").asInt()
                    + rule.path("twice").asInt()
                    + rule.path("similar").asInt()
                    + rule.path("too_few").asInt())
            .isEqualTo(rule.path("target").asInt());
      }
    }
    assertThat(manifest("paper").path("rules").path("clusters").path("target").asInt())
        .isEqualTo(10 * 256);
    assertThat(manifest("tutorial").path("rules").path("attributes").path("target").asInt())
        .isEqualTo(10 * 128);
  }
}
