package dev.eosin.image.augmentation;

import dev.eosin.image.RgbImage;
import dev.eosin.random.RandomStream;

/// torchvision's `RandomPerspective` with bilinear interpolation: the tile as a picture seen from
/// the side.
///
/// @param distortion most by which a corner moves inwards, as a share of half the side
/// @param probability of a tile to be changed
/// @param fill level of what comes from outside the tile
public record Perspective(double distortion, double probability, int fill) implements TileStep {
  @Override
  public RgbImage apply(RgbImage tile, RandomStream random) {
    if (random.nextDouble() >= probability) {
      return tile;
    }
    int width = tile.width();
    int height = tile.height();
    int mostX = (int) (distortion * (width / 2));
    int mostY = (int) (distortion * (height / 2));
    double[][] corners = new double[4][];
    for (int corner = 0; corner < 4; corner++) {
      boolean right = corner == 1 || corner == 2;
      boolean bottom = corner >= 2;
      int inX = random.nextInt(mostX + 1);
      int inY = random.nextInt(mostY + 1);
      corners[corner] =
          new double[] {right ? width - 1 - inX : inX, bottom ? height - 1 - inY : inY};
    }
    return Warp.apply(tile, map(width, height, corners), fill);
  }

  /// From the result's pixels to the tile's.
  ///
  /// @param corners [4, x y] where the tile's corners go: top left, top right, bottom right, bottom
  ///   left
  /// @return 8 numbers in single precision, as torchvision gives them to Pillow
  static double[] map(int width, int height, double[][] corners) {
    double[][] origins = {{0, 0}, {width - 1, 0}, {width - 1, height - 1}, {0, height - 1}};
    double[][] equations = new double[8][];
    for (int i = 0; i < 4; i++) {
      double x = corners[i][0];
      double y = corners[i][1];
      double u = origins[i][0];
      double v = origins[i][1];
      equations[2 * i] = new double[] {x, y, 1, 0, 0, 0, -u * x, -u * y, u};
      equations[2 * i + 1] = new double[] {0, 0, 0, x, y, 1, -v * x, -v * y, v};
    }
    double[] map = solve(equations);
    for (int i = 0; i < map.length; i++) {
      map[i] = (float) map[i];
    }
    return map;
  }

  /// Gauss-Jordan elimination with partial pivoting; the last column is the right-hand side.
  private static double[] solve(double[][] rows) {
    int size = rows.length;
    for (int column = 0; column < size; column++) {
      int pivot = column;
      for (int row = column + 1; row < size; row++) {
        pivot = Math.abs(rows[row][column]) > Math.abs(rows[pivot][column]) ? row : pivot;
      }
      double[] held = rows[column];
      rows[column] = rows[pivot];
      rows[pivot] = held;
      for (int row = 0; row < size; row++) {
        double factor = row == column ? 0 : rows[row][column] / rows[column][column];
        for (int i = column; i <= size && factor != 0; i++) {
          rows[row][i] -= factor * rows[column][i];
        }
      }
    }
    double[] solution = new double[size];
    for (int row = 0; row < size; row++) {
      solution[row] = rows[row][size] / rows[row][row];
    }
    return solution;
  }
}
