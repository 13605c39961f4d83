package dev.eosin.tower;

import dev.eosin.image.AxisWeights;
import dev.eosin.image.Filter;
import java.util.Arrays;

/// Learned position embeddings for another number of positions.
///
/// Source: open_clip 3.3.0 `model.py`, `resize_pos_embed` and `resize_text_pos_embed`, and the
/// interpolation of torch that they call; timm 1.0.29 `layers/pos_embed.py`; sums are in double
/// precision.
public final class PositionTables {
  private PositionTables() {}

  /// Patches of an image.
  public record Grid(int height, int width) {
    public static Grid of(ImageSpec image) {
      return new Grid(image.height() / image.patch(), image.width() / image.patch());
    }

    int patches() {
      return height * width;
    }
  }

  /// The row of the class token stays; the patches' rows are resized as an image whose channels are
  /// the c columns: bicubic (a = -0.5), antialiased.
  ///
  /// @param table row-major [1 + from.patches(), c]
  /// @return row-major [1 + to.patches(), c]
  public static float[] resized(float[] table, Grid from, Grid to) {
    return resized(table, 1, from, to);
  }

  /// As above, with any number of rows that stay: timm's `resample_abs_pos_embed`, whose tables may
  /// begin with registers, or with a patch.
  ///
  /// @param table row-major [kept + from.patches(), c]
  /// @param kept rows before those of patches
  /// @return row-major [kept + to.patches(), c]
  public static float[] resized(float[] table, int kept, Grid from, Grid to) {
    int c = table.length / (kept + from.patches());
    AxisWeights across = AxisWeights.of(from.width, to.width, Filter.BICUBIC);
    AxisWeights down = AxisWeights.of(from.height, to.height, Filter.BICUBIC);
    double[] wide = new double[from.height * to.width * c];
    for (int row = 0; row < from.height; row++) {
      for (int column = 0; column < to.width; column++) {
        for (int tap = 0; tap < across.count(column); tap++) {
          int source = kept + row * from.width + across.start(column) + tap;
          double weight = across.weight(column, tap);
          for (int i = 0; i < c; i++) {
            wide[(row * to.width + column) * c + i] += weight * table[source * c + i];
          }
        }
      }
    }
    float[] result = Arrays.copyOf(table, (kept + to.patches()) * c);
    for (int row = 0; row < to.height; row++) {
      for (int cell = 0; cell < to.width * c; cell++) {
        double sum = 0;
        for (int tap = 0; tap < down.count(row); tap++) {
          sum += down.weight(row, tap) * wide[(down.start(row) + tap) * to.width * c + cell];
        }
        result[(kept + row * to.width) * c + cell] = (float) sum;
      }
    }
    return result;
  }

  /// Rows interpolated linearly between the two nearest, the ends held.
  ///
  /// @param table row-major [from, c]
  /// @return row-major [to, c]
  public static float[] stretched(float[] table, int from, int to) {
    int c = table.length / from;
    float[] result = new float[to * c];
    // Places are in single precision, as torch has them: a rounded place moves a row visibly.
    float scale = (float) from / to;
    for (int row = 0; row < to; row++) {
      float at = Math.max(0, Math.fma(scale, row + 0.5f, -0.5f));
      int below = Math.min((int) at, from - 1);
      int above = Math.min(below + 1, from - 1);
      float share = at - below;
      for (int i = 0; i < c; i++) {
        double value = (1.0 - share) * table[below * c + i] + share * table[above * c + i];
        result[row * c + i] = (float) value;
      }
    }
    return result;
  }
}
