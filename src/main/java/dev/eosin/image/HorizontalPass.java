package dev.eosin.image;

/// Resizes rows of interleaved uint8 samples along x: 32-bit sums of sample times 22-bit weight,
/// rounded to uint8, as in Pillow.
///
/// Two rows share one 64-bit sum (the first in the low half, the second in the high half), which
/// halves the multiplications. A carry out of the low half is taken back when the halves are
/// parted.
final class HorizontalPass {
  private static final long HALF = 1L << (AxisWeights.PRECISION_BITS - 1);
  private static final long TWO_HALVES = HALF << 32 | HALF;

  private final byte[] source;
  private final int sourceWidth;
  private final int bands;
  private final int firstColumn;
  private final AxisWeights columns;
  private final int[] weights;
  private final long[] pairs;

  /// @param source [height, sourceWidth, bands]
  /// @param left source column at which the weights' column 0 lies
  HorizontalPass(byte[] source, int sourceWidth, int bands, int left, AxisWeights columns) {
    this.source = source;
    this.sourceWidth = sourceWidth;
    this.bands = bands;
    this.firstColumn = left + columns.firstSource();
    this.columns = columns;
    this.weights = columns.fixedPoint();
    this.pairs = new long[(columns.endSource() - columns.firstSource()) * bands];
  }

  /// Resizes two rows, which may be the same.
  ///
  /// @param firstTarget receives [columns.outputs(), bands], 0 to 255
  void rows(int first, int second, int[] firstTarget, int[] secondTarget) {
    int firstIn = (first * sourceWidth + firstColumn) * bands;
    int secondIn = (second * sourceWidth + firstColumn) * bands;
    for (int i = 0; i < pairs.length; i++) {
      pairs[i] = (long) (source[secondIn + i] & 0xFF) << 32 | (source[firstIn + i] & 0xFF);
    }
    if (bands == 3) {
      threeBands(firstTarget, secondTarget);
    } else {
      anyBands(firstTarget, secondTarget);
    }
  }

  private void threeBands(int[] firstTarget, int[] secondTarget) {
    for (int x = 0; x < columns.outputs(); x++) {
      int pixel = 3 * (columns.start(x) - columns.firstSource());
      int weight = x * columns.stride();
      int end = weight + columns.count(x);
      long red = TWO_HALVES;
      long green = TWO_HALVES;
      long blue = TWO_HALVES;
      for (; weight < end; weight++, pixel += 3) {
        long factor = weights[weight];
        red += pairs[pixel] * factor;
        green += pairs[pixel + 1] * factor;
        blue += pairs[pixel + 2] * factor;
      }
      firstTarget[3 * x] = low(red);
      firstTarget[3 * x + 1] = low(green);
      firstTarget[3 * x + 2] = low(blue);
      secondTarget[3 * x] = high(red);
      secondTarget[3 * x + 1] = high(green);
      secondTarget[3 * x + 2] = high(blue);
    }
  }

  private void anyBands(int[] firstTarget, int[] secondTarget) {
    for (int x = 0; x < columns.outputs(); x++) {
      for (int band = 0; band < bands; band++) {
        int pixel = (columns.start(x) - columns.firstSource()) * bands + band;
        int weight = x * columns.stride();
        long sum = TWO_HALVES;
        for (int tap = 0; tap < columns.count(x); tap++) {
          sum += pairs[pixel + tap * bands] * weights[weight + tap];
        }
        firstTarget[x * bands + band] = low(sum);
        secondTarget[x * bands + band] = high(sum);
      }
    }
  }

  private static int low(long sums) {
    return clip((int) sums);
  }

  private static int high(long sums) {
    return clip((int) ((sums - (int) sums) >> 32));
  }

  private static int clip(int sum) {
    return Math.max(0, Math.min(sum >> AxisWeights.PRECISION_BITS, 255));
  }
}
