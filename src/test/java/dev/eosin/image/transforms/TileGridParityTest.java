package dev.eosin.image.transforms;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.ParityCase;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.image.RgbImage;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.image.transforms.TileGrid.Grid;
import dev.eosin.image.transforms.TileGrid.Placement;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// PA-LLaVA's tiles against Pillow's pixels and recorded geometry, exactly.
@Tag("parity")
class TileGridParityTest {
  private final ParityCase parity = ParityCase.open("pa-tiles");

  private JsonNode geometry() throws IOException {
    return new ObjectMapper().readTree(parity.file("geometry.json").toFile());
  }

  @Test
  void gridsSizesAndPlacesAreTheRecordedOnes() throws IOException {
    JsonNode geometry = geometry();
    int tile = geometry.required("tile").asInt();
    List<Grid> grids = new ArrayList<>();
    for (JsonNode grid : geometry.required("grids_columns_rows")) {
      grids.add(new Grid(grid.get(0).asInt(), grid.get(1).asInt()));
    }
    assertThat(TileGrid.paLlava(tile)).isEqualTo(new TileGrid(tile, grids));
    TileGrid tiles = TileGrid.paLlava(tile);
    assertThat(geometry.required("rows")).isNotEmpty();
    for (JsonNode row : geometry.required("rows")) {
      Placement found = tiles.place(row.required("width").asInt(), row.required("height").asInt());
      Grid grid = grids.get(row.required("grid").asInt());
      assertThat(found)
          .as(row.toString())
          .isEqualTo(
              new Placement(
                  grid,
                  row.required("new_width").asInt(),
                  row.required("new_height").asInt(),
                  row.required("paste_x").asInt(),
                  row.required("paste_y").asInt()));
      assertThat(grid.columns() * tile).isEqualTo(row.required("target_width").asInt());
      assertThat(grid.rows() * tile).isEqualTo(row.required("target_height").asInt());
    }
  }

  @Test
  void pixelsAreTheRecordedOnes() throws IOException {
    JsonNode geometry = geometry();
    TileGrid grid = TileGrid.paLlava(geometry.required("pixel_tile").asInt());
    assertThat(geometry.required("pixel_images")).isNotEmpty();
    try (StoredTensors expected = StoredTensors.open(parity.file("expected.safetensors"))) {
      int index = 0;
      for (JsonNode picture : geometry.required("pixel_images")) {
        RgbImage image =
            new ImageDecoder().decode(parity.file(picture.required("file").asText())).toRgb();
        assertThat(image.width()).isEqualTo(picture.required("width").asInt());
        assertThat(image.height()).isEqualTo(picture.required("height").asInt());
        assertThat(grid.canvas(image).pixels()).isEqualTo(bytes(expected, index + ".canvas"));
        assertThat(grid.squashed(image).pixels()).isEqualTo(bytes(expected, index + ".whole"));
        byte[] tiles = bytes(expected, index + ".tiles");
        int each = 3 * grid.tile() * grid.tile();
        List<RgbImage> found = grid.tiles(image);
        assertThat(found.size() * each).isEqualTo(tiles.length);
        for (int i = 0; i < found.size(); i++) {
          byte[] tile = Arrays.copyOfRange(tiles, i * each, i * each + each);
          assertThat(found.get(i).pixels()).as("tile %d of %d", i, index).isEqualTo(tile);
        }
        index++;
      }
    }
  }

  private static byte[] bytes(StoredTensors file, String name) throws IOException {
    return file.entry(name).bytes().toArray(ValueLayout.JAVA_BYTE);
  }
}
