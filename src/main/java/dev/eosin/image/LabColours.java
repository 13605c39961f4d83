package dev.eosin.image;

/// CIELAB (D50) to sRGB as Pillow's `convert("RGB")` computes it: littlecms samples the conversion
/// at 33 levels of each band and interpolates between them in tetrahedra, which clips colours
/// outside of sRGB otherwise than the formula would.
///
/// Source: littlecms 2.19, `OptimizeByResampling` and `TetrahedralInterp16`; sRGB from IEC
/// 61966-2-1, adapted to D50 by Bradford's matrix.
final class LabColours {
  private static final int LEVELS = 33;
  private static final int[] STEPS = {3 * LEVELS * LEVELS, 3 * LEVELS, 3};
  private static final int FULL = 0xFFFF;

  /// What littlecms divides XYZ by between two steps.
  private static final double LARGEST_XYZ = 1 + 32767.0 / 32768;

  /// D50 as ICC profiles have it.
  private static final double[] WHITE = {0.9642, 1.0, 0.8249};

  /// XYZ (D50) of full red, green and blue, inverted.
  private static final double[][] TO_LINEAR = toLinear();

  /// The sRGB colours of the grid: [33, 33, 33, 3] unsigned 16 bit.
  private static final short[] GRID = grid();

  private LabColours() {}

  /// @param samples [pixels, 3] uint8: L* times 2.55, a* and b* plus 128
  /// @return [pixels, 3] uint8, sRGB
  static byte[] toRgb(byte[] samples) {
    byte[] rgb = new byte[samples.length];
    int[] rests = new int[3];
    int[] steps = new int[3];
    for (int i = 0; i < samples.length; i += 3) {
      int corner = locate(samples, i, rests, steps);
      sortByRest(rests, steps);
      interpolate(corner, rests, steps, rgb, i);
    }
    return rgb;
  }

  /// @return where the cell's lowest corner is in the grid
  private static int locate(byte[] samples, int at, int[] rests, int[] steps) {
    int corner = 0;
    for (int band = 0; band < 3; band++) {
      int value = (samples[at + band] & 0xFF) * 257;
      int scaled = value * (LEVELS - 1);
      int fixed = scaled + (scaled + 0x7FFF) / FULL;
      corner += STEPS[band] * (fixed >> 16);
      rests[band] = fixed & FULL;
      steps[band] = value == FULL ? 0 : STEPS[band];
    }
    return corner;
  }

  /// The path through the tetrahedron goes along the band with the largest rest first.
  private static void sortByRest(int[] rests, int[] steps) {
    swapUnlessSorted(rests, steps, 0);
    swapUnlessSorted(rests, steps, 1);
    swapUnlessSorted(rests, steps, 0);
  }

  private static void swapUnlessSorted(int[] rests, int[] steps, int first) {
    if (rests[first] < rests[first + 1]) {
      int rest = rests[first];
      rests[first] = rests[first + 1];
      rests[first + 1] = rest;
      int step = steps[first];
      steps[first] = steps[first + 1];
      steps[first + 1] = step;
    }
  }

  private static void interpolate(int corner, int[] rests, int[] steps, byte[] rgb, int at) {
    for (int band = 0; band < 3; band++) {
      int node = corner + band;
      int first = GRID[node] & FULL;
      int last = first;
      int sum = 0x8001;
      for (int side = 0; side < 3; side++) {
        node += steps[side];
        int next = GRID[node] & FULL;
        sum += (next - last) * rests[side];
        last = next;
      }
      int wide = first + ((sum + (sum >> 16)) >> 16) & FULL;
      rgb[at + band] = (byte) ((wide * 65281L + 8388608L) >> 24);
    }
  }

  private static short[] grid() {
    short[] grid = new short[3 * LEVELS * LEVELS * LEVELS];
    int at = 0;
    for (int i = 0; i < LEVELS; i++) {
      for (int j = 0; j < LEVELS; j++) {
        for (int k = 0; k < LEVELS; k++, at += 3) {
          double[] xyz = toXyz(level(i) * 100, level(j) * 255 - 128, level(k) * 255 - 128);
          for (int band = 0; band < 3; band++) {
            grid[at + band] = companded((float) (LARGEST_XYZ * product(TO_LINEAR[band], xyz)));
          }
        }
      }
    }
    return grid;
  }

  /// Between steps littlecms keeps single precision, which decides some roundings.
  private static double level(int index) {
    return (float) (Math.floor(index * (double) FULL / (LEVELS - 1) + 0.5) / FULL);
  }

  private static double[] toXyz(double lightness, double a, double b) {
    double y = (lightness + 16) / 116;
    return new double[] {
      (float) (cubed(y + 0.002 * a) * WHITE[0] / LARGEST_XYZ),
      (float) (cubed(y) * WHITE[1] / LARGEST_XYZ),
      (float) (cubed(y - 0.005 * b) * WHITE[2] / LARGEST_XYZ)
    };
  }

  private static double cubed(double value) {
    return value <= 24.0 / 116 ? 108.0 / 841 * (value - 16.0 / 116) : value * value * value;
  }

  private static double product(double[] row, double[] column) {
    return row[0] * column[0] + row[1] * column[1] + row[2] * column[2];
  }

  private static short companded(float linear) {
    double knee = Math.pow((0.04045 + 0.055) / 1.055, 2.4);
    double value = linear < knee ? linear * 12.92 : Math.pow(linear, 1 / 2.4) * 1.055 - 0.055;
    return (short) Math.clamp((long) Math.floor((double) (float) value * FULL + 0.5), 0, FULL);
  }

  private static double[][] toLinear() {
    double[][] bradford = {
      {0.8951, 0.2664, -0.1614}, {-0.7502, 1.7135, 0.0367}, {0.0389, -0.0685, 1.0296}
    };
    double[][] primaries = {{0.64, 0.30, 0.15}, {0.33, 0.60, 0.06}, {0.03, 0.10, 0.79}};
    double[] daylight = {0.3127 / 0.3290, 1, (1 - 0.3127 - 0.3290) / 0.3290};
    double[][] adapt = new double[3][3];
    for (int i = 0; i < 3; i++) {
      double ratio = product(bradford[i], WHITE) / product(bradford[i], daylight);
      for (int j = 0; j < 3; j++) {
        adapt[i][j] = ratio * bradford[i][j];
      }
    }
    double[][] inverse = Matrices.inverse(primaries);
    double[][] toXyz =
        Matrices.product(Matrices.product(Matrices.inverse(bradford), adapt), primaries);
    for (int j = 0; j < 3; j++) {
      double amount = product(inverse[j], daylight);
      for (int i = 0; i < 3; i++) {
        toXyz[i][j] *= amount;
      }
    }
    return Matrices.inverse(toXyz);
  }
}
