package dev.eosin.image;

import java.util.Arrays;

/// The horizontal and the vertical pass of a resize on interleaved uint8 samples: 32-bit sums of
/// sample times 22-bit weight, each pass rounded to uint8, as in Pillow.
final class BytePasses {
  private static final int HALF = 1 << (AxisWeights.PRECISION_BITS - 1);

  private BytePasses() {}

  /// Resizes rows `firstRow` to `firstRow + rows - 1` of an image along x.
  ///
  /// @param source [sourceRows, sourceWidth, bands]
  /// @param left source column at which the weights' column 0 lies
  /// @return [rows, columns.outputs(), bands]
  static byte[] horizontal(
      byte[] source,
      int sourceWidth,
      int bands,
      int left,
      int firstRow,
      int rows,
      AxisWeights columns) {
    byte[] target = new byte[rows * columns.outputs() * bands];
    int[] weights = columns.fixedPoint();
    for (int row = 0; row < rows; row++) {
      int in = ((firstRow + row) * sourceWidth + left) * bands;
      int out = row * columns.outputs() * bands;
      switch (bands) {
        case 1 -> oneBandRow(source, in, columns, weights, target, out);
        case 3 -> threeBandRow(source, in, columns, weights, target, out);
        default -> anyBandRow(source, in, bands, columns, weights, target, out);
      }
    }
    return target;
  }

  private static void oneBandRow(
      byte[] source, int in, AxisWeights columns, int[] weights, byte[] target, int out) {
    for (int x = 0; x < columns.outputs(); x++) {
      int pixel = in + columns.start(x);
      int weight = x * columns.stride();
      int sum = HALF;
      for (int tap = 0; tap < columns.count(x); tap++) {
        sum += (source[pixel + tap] & 0xFF) * weights[weight + tap];
      }
      target[out + x] = clip(sum);
    }
  }

  private static void threeBandRow(
      byte[] source, int in, AxisWeights columns, int[] weights, byte[] target, int out) {
    for (int x = 0; x < columns.outputs(); x++) {
      int pixel = in + 3 * columns.start(x);
      int weight = x * columns.stride();
      int end = weight + columns.count(x);
      int red = HALF;
      int green = HALF;
      int blue = HALF;
      for (; weight < end; weight++, pixel += 3) {
        int factor = weights[weight];
        red += (source[pixel] & 0xFF) * factor;
        green += (source[pixel + 1] & 0xFF) * factor;
        blue += (source[pixel + 2] & 0xFF) * factor;
      }
      target[out + 3 * x] = clip(red);
      target[out + 3 * x + 1] = clip(green);
      target[out + 3 * x + 2] = clip(blue);
    }
  }

  private static void anyBandRow(
      byte[] source,
      int in,
      int bands,
      AxisWeights columns,
      int[] weights,
      byte[] target,
      int out) {
    for (int x = 0; x < columns.outputs(); x++) {
      for (int band = 0; band < bands; band++) {
        int pixel = in + columns.start(x) * bands + band;
        int sum = HALF;
        for (int tap = 0; tap < columns.count(x); tap++) {
          sum += (source[pixel + tap * bands] & 0xFF) * weights[x * columns.stride() + tap];
        }
        target[out + x * bands + band] = clip(sum);
      }
    }
  }

  /// Resizes along y.
  ///
  /// @param source [sourceRows, rowLength]
  /// @param top source row at which the weights' row 0 lies; may be negative when rows that no
  ///   output needs were left out
  /// @return [rows.outputs(), rowLength]
  static byte[] vertical(byte[] source, int rowLength, int top, AxisWeights rows) {
    byte[] target = new byte[rows.outputs() * rowLength];
    int[] weights = rows.fixedPoint();
    int[] sums = new int[rowLength];
    for (int y = 0; y < rows.outputs(); y++) {
      Arrays.fill(sums, HALF);
      for (int tap = 0; tap < rows.count(y); tap++) {
        int in = (top + rows.start(y) + tap) * rowLength;
        addScaled(sums, source, in, weights[y * rows.stride() + tap]);
      }
      clipInto(sums, target, y * rowLength);
    }
    return target;
  }

  /// A loop of its own: the compiler vectorises it.
  private static void addScaled(int[] sums, byte[] source, int in, int factor) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] += (source[in + i] & 0xFF) * factor;
    }
  }

  private static void clipInto(int[] sums, byte[] target, int out) {
    for (int i = 0; i < sums.length; i++) {
      target[out + i] = clip(sums[i]);
    }
  }

  private static byte clip(int sum) {
    return (byte) Math.clamp(sum >> AxisWeights.PRECISION_BITS, 0, 255);
  }
}
