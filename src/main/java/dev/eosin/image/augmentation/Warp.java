package dev.eosin.image.augmentation;

import dev.eosin.image.RgbImage;
import java.util.Arrays;

/// Moves pixels by a projective map with bilinear interpolation, equal to Pillow's
/// `Image.transform` to the last bit: result (x, y) is taken from the tile at ((a x + b y + c) / w,
/// (d x + e y + f) / w) with w = g x + h y + 1, pixel centres at halves.
final class Warp {
  private Warp() {}

  /// @param map a to h; six numbers are an affine map
  /// @param fill level of what comes from outside the tile
  static RgbImage apply(RgbImage tile, double[] map, int fill) {
    double[] m = Arrays.copyOf(map, 8);
    int width = tile.width();
    int height = tile.height();
    byte[] result = new byte[tile.pixels().length];
    Arrays.fill(result, (byte) fill);
    for (int y = 0, out = 0; y < height; y++) {
      for (int x = 0; x < width; x++, out += 3) {
        double fromX = x + 0.5;
        double fromY = y + 0.5;
        double depth = m[6] * fromX + m[7] * fromY + 1;
        double sourceX = (m[0] * fromX + m[1] * fromY + m[2]) / depth;
        double sourceY = (m[3] * fromX + m[4] * fromY + m[5]) / depth;
        if (sourceX >= 0 && sourceX < width && sourceY >= 0 && sourceY < height) {
          interpolate(tile, sourceX - 0.5, sourceY - 0.5, result, out);
        }
      }
    }
    return new RgbImage(width, height, result);
  }

  private static void interpolate(RgbImage tile, double x, double y, byte[] target, int out) {
    int column = (int) Math.floor(x);
    int row = (int) Math.floor(y);
    double right = x - column;
    double down = y - row;
    int left = 3 * Math.clamp(column, 0, tile.width() - 1);
    int next = 3 * Math.clamp(column + 1, 0, tile.width() - 1);
    int upper = 3 * tile.width() * Math.clamp(row, 0, tile.height() - 1);
    int lower = 3 * tile.width() * Math.clamp(row + 1, 0, tile.height() - 1);
    byte[] pixels = tile.pixels();
    for (int band = 0; band < 3; band++) {
      double above = between(pixels[upper + left + band], pixels[upper + next + band], right);
      double below = between(pixels[lower + left + band], pixels[lower + next + band], right);
      target[out + band] = (byte) (int) (above + (below - above) * down);
    }
  }

  private static double between(byte a, byte b, double share) {
    return (a & 0xFF) + ((b & 0xFF) - (a & 0xFF)) * share;
  }
}
