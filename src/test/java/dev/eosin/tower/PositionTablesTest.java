package dev.eosin.tower;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.tower.PositionTables.Grid;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Position embeddings for other sizes, against what open_clip makes of them
/// (`src/test/resources/weights`).
class PositionTablesTest {
  private static final Path RECORDED = Path.of("src/test/resources/weights/positions.safetensors");

  /// Torch sums in single precision.
  private static final float TOLERANCE = 1e-6f;

  @ParameterizedTest
  @CsvSource({"7, 7", "3, 3", "2, 5", "6, 4"})
  void gridIsResizedAsOpenClipDoes(int height, int width) throws IOException {
    try (StoredTensors tables = StoredTensors.open(RECORDED)) {
      float[] actual =
          PositionTables.resized(
              tables.floats("image.4x4"), new Grid(4, 4), new Grid(height, width));
      assertClose(actual, tables.floats("image.%dx%d".formatted(height, width)));
    }
  }

  /// timm's tables begin with registers, or with a patch: what is resized is the same grid.
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3})
  void anyNumberOfRowsBeforeThePatchesStays(int kept) throws IOException {
    try (StoredTensors tables = StoredTensors.open(RECORDED)) {
      float[] one = tables.floats("image.4x4");
      int c = one.length / 17;
      float[] table = new float[(kept + 16) * c];
      Arrays.fill(table, 0, kept * c, 9);
      System.arraycopy(one, c, table, kept * c, 16 * c);
      float[] actual = PositionTables.resized(table, kept, new Grid(4, 4), new Grid(2, 5));
      float[] expected = tables.floats("image.2x5");
      float[] rows = Arrays.copyOfRange(actual, kept * c, actual.length);
      assertClose(rows, Arrays.copyOfRange(expected, c, expected.length));
      for (int i = 0; i < kept * c; i++) {
        assertThat(actual[i]).isEqualTo(9);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {32, 77, 10})
  void captionPositionsAreInterpolatedAsOpenClipDoes(int length) throws IOException {
    try (StoredTensors tables = StoredTensors.open(RECORDED)) {
      float[] actual = PositionTables.stretched(tables.floats("text.24"), 24, length);
      assertClose(actual, tables.floats("text." + length));
    }
  }

  @Test
  void sameSizeChangesNothing() throws IOException {
    try (StoredTensors tables = StoredTensors.open(RECORDED)) {
      float[] image = tables.floats("image.4x4");
      assertThat(PositionTables.resized(image, new Grid(4, 4), new Grid(4, 4))).isEqualTo(image);
      float[] text = tables.floats("text.24");
      assertThat(PositionTables.stretched(text, 24, 24)).isEqualTo(text);
    }
  }

  private static void assertClose(float[] actual, float[] expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      assertThat(actual[i]).isCloseTo(expected[i], within(TOLERANCE));
    }
  }
}
