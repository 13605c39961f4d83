package dev.eosin.image.augmentation;

import dev.eosin.image.RgbImage;

/// Moves pixels by an affine map with bilinear interpolation, equal to OpenCV 4's `warpAffine` to
/// the last bit: places in 1024ths of a pixel, weights in 32nds, pixel centres at whole numbers.
/// (OpenCV 5 computes this in floating point, up to 2 levels apart.)
///
/// Source: OpenCV 4, `modules/imgproc/src/imgwarp.cpp`.
final class FixedPointWarp {
  private static final int UNIT = 1024;
  private static final int PARTS = 32;
  private static final int HALF_PART = UNIT / PARTS / 2;

  private FixedPointWarp() {}

  /// @param map six numbers from the tile's pixels to the result's: x' = a x + b y + c, y' = d x +
  ///   e y + f; it has an inverse
  /// @param fill level of what comes from outside the tile
  static RgbImage apply(RgbImage tile, double[] map, int fill) {
    double[] m = inverse(map);
    int width = tile.width();
    int height = tile.height();
    int[] acrossX = new int[width];
    int[] acrossY = new int[width];
    for (int x = 0; x < width; x++) {
      acrossX[x] = units(m[0] * x);
      acrossY[x] = units(m[3] * x);
    }
    byte[] result = new byte[tile.pixels().length];
    for (int y = 0, out = 0; y < height; y++) {
      int downX = units(m[1] * y + m[2]) + HALF_PART;
      int downY = units(m[4] * y + m[5]) + HALF_PART;
      for (int x = 0; x < width; x++, out += 3) {
        int fromX = downX + acrossX[x] >> 5;
        int fromY = downY + acrossY[x] >> 5;
        interpolate(tile, fromX, fromY, fill, result, out);
      }
    }
    return new RgbImage(width, height, result);
  }

  private static int units(double pixels) {
    return (int) Math.rint(pixels * UNIT);
  }

  private static double[] inverse(double[] map) {
    double scale = 1 / (map[0] * map[4] - map[1] * map[3]);
    double a = map[4] * scale;
    double b = map[1] * -scale;
    double d = map[3] * -scale;
    double e = map[0] * scale;
    return new double[] {a, b, -a * map[2] - b * map[5], d, e, -d * map[2] - e * map[5]};
  }

  /// @param x in 32nds of a pixel
  /// @param y in 32nds of a pixel
  private static void interpolate(RgbImage tile, int x, int y, int fill, byte[] target, int out) {
    int right = x & PARTS - 1;
    int down = y & PARTS - 1;
    int column = x >> 5;
    int row = y >> 5;
    for (int band = 0; band < 3; band++) {
      int above =
          level(tile, column, row, band, fill) * (PARTS - right)
              + level(tile, column + 1, row, band, fill) * right;
      int below =
          level(tile, column, row + 1, band, fill) * (PARTS - right)
              + level(tile, column + 1, row + 1, band, fill) * right;
      int sum = above * (PARTS - down) + below * down;
      target[out + band] = (byte) (sum + PARTS * PARTS / 2 >> 10);
    }
  }

  private static int level(RgbImage tile, int column, int row, int band, int fill) {
    boolean inside = column >= 0 && column < tile.width() && row >= 0 && row < tile.height();
    return inside ? tile.pixels()[3 * (row * tile.width() + column) + band] & 0xFF : fill;
  }
}
