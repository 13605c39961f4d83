package dev.eosin.image;

/// The passes of a resize on unsigned 16-bit grey: sums in double, each pass rounded, as in Pillow
/// 12 (which clips the high byte only; the low byte of an overshoot is what its remainder leaves).
final class ShortPasses {
  private ShortPasses() {}

  /// Resizes along x, see [HorizontalPass].
  static short[] horizontal(
      short[] source, int sourceWidth, int left, int firstRow, int rows, AxisWeights columns) {
    short[] target = new short[rows * columns.outputs()];
    for (int row = 0; row < rows; row++) {
      int in = (firstRow + row) * sourceWidth + left;
      for (int x = 0; x < columns.outputs(); x++) {
        target[row * columns.outputs() + x] = sum(source, in + columns.start(x), 1, columns, x);
      }
    }
    return target;
  }

  /// Resizes along y.
  ///
  /// @param top source row at which the weights' row 0 lies; negative when rows were left out
  static short[] vertical(short[] source, int width, int top, AxisWeights rows) {
    short[] target = new short[rows.outputs() * width];
    for (int y = 0; y < rows.outputs(); y++) {
      int in = (top + rows.start(y)) * width;
      for (int x = 0; x < width; x++) {
        target[y * width + x] = sum(source, in + x, width, rows, y);
      }
    }
    return target;
  }

  private static short sum(short[] source, int in, int step, AxisWeights axis, int output) {
    double[] weights = axis.exact();
    double sum = 0.0;
    for (int tap = 0; tap < axis.count(output); tap++) {
      sum += (source[in + tap * step] & 0xFFFF) * weights[output * axis.stride() + tap];
    }
    int rounded = (int) (sum >= 0.0 ? sum + 0.5f : sum - 0.5f);
    int low = Math.clamp(rounded % 256, 0, 255);
    int high = Math.clamp(rounded >> 8, 0, 255);
    return (short) (high << 8 | low);
  }
}
