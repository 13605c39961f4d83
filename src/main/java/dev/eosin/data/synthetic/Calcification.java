package dev.eosin.data.synthetic;

import dev.eosin.random.RandomStream;

/// A lump of calcium in one quadrant of a tile: dark, granular, with a bumpy outline. It lies in
/// the tile's own coordinates, not in the tissue's, which are turned.
///
/// @param x of its middle, as a share of the tile's width
/// @param y of its middle, as a share of the tile's height
/// @param radius as a share of the tile's width
/// @param bumps phase of the outline's bumps in radians
record Calcification(double x, double y, double radius, double bumps) {
  private static final double BUMP = 0.15;

  /// Draws one that lies wholly in a quadrant.
  ///
  /// @param quadrant upper left, upper right, lower left, lower right
  static Calcification draw(int quadrant, RandomStream random) {
    return new Calcification(
        0.25 + 0.5 * (quadrant % 2) + Appearance.between(random, -0.11, 0.11),
        0.25 + 0.5 * (quadrant / 2) + Appearance.between(random, -0.11, 0.11),
        Appearance.between(random, 0.085, 0.115),
        Appearance.between(random, 0, 2 * Math.PI));
  }

  /// Covers the tissue.
  void paint(Canvas canvas, RandomStream random) {
    int size = canvas.size();
    NoiseField grain = new NoiseField(random);
    for (int row = 0; row < size; row++) {
      for (int column = 0; column < size; column++) {
        double right = (column + 0.5) / size - x;
        double down = (row + 0.5) / size - y;
        double distance = StrictMath.hypot(right, down);
        if (distance < radius * (1 + BUMP)) {
          double angle = StrictMath.atan2(down, right);
          double outline = radius * (1 + BUMP * StrictMath.sin(3 * angle + bumps));
          if (distance < outline) {
            double clump = grain.at(right * 40 + 20, down * 40 + 20) - 0.5;
            canvas.cover(row * size + column, 1, 3 + 0.8 * clump, 0.8);
          }
        }
      }
    }
  }
}
