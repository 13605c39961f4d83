package dev.eosin.data.synthetic;

import dev.eosin.random.RandomStream;

/// A sheet of polygonal cells: the Voronoi cells of a jittered grid.
final class CellNet {
  private final double spacing;
  private final int reach;
  private final int side;
  private final double[] xs;
  private final double[] ys;

  /// @param spacing between cell centres in units
  /// @param visible distance from the origin that must be covered
  CellNet(double spacing, double visible, double jitter, RandomStream random) {
    this.spacing = spacing;
    this.reach = (int) Math.ceil(visible / (spacing * 0.87)) + 2;
    this.side = 2 * reach + 1;
    this.xs = new double[side * side];
    this.ys = new double[side * side];
    for (int row = 0; row < side; row++) {
      for (int column = 0; column < side; column++) {
        double shift = (row & 1) == 0 ? 0.25 : -0.25;
        double dx = jitter * (random.nextDouble() - 0.5);
        double dy = jitter * (random.nextDouble() - 0.5);
        xs[row * side + column] = (column - reach + shift + dx) * spacing;
        ys[row * side + column] = (row - reach + dy) * spacing * 0.87;
      }
    }
  }

  int cells() {
    return xs.length;
  }

  double x(int cell) {
    return xs[cell];
  }

  double y(int cell) {
    return ys[cell];
  }

  /// The nearest cell and how far the nearest border is.
  ///
  /// @param found receives the nearest cell's number
  /// @return distance to the border with the second nearest cell, in units, 0 on the border
  double border(double x, double y, int[] found) {
    int column = Math.clamp(Math.round(x / spacing) + reach, 1, side - 2);
    int row = Math.clamp(Math.round(y / (spacing * 0.87)) + reach, 1, side - 2);
    double nearest = Double.MAX_VALUE;
    double second = Double.MAX_VALUE;
    for (int r = row - 1; r <= row + 1; r++) {
      for (int c = column - 1; c <= column + 1; c++) {
        int cell = r * side + c;
        double dx = x - xs[cell];
        double dy = y - ys[cell];
        double distance = dx * dx + dy * dy;
        if (distance < nearest) {
          second = nearest;
          nearest = distance;
          found[0] = cell;
        } else if (distance < second) {
          second = distance;
        }
      }
    }
    return 0.5 * (Math.sqrt(second) - Math.sqrt(nearest));
  }
}
