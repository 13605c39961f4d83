package dev.eosin.data.synthetic;

import dev.eosin.random.RandomStream;

/// Smooth random numbers on the plane: cubic-faded interpolation of a periodic lattice ("value
/// noise").
final class NoiseField {
  private static final int SIDE = 64;
  private final float[] lattice = new float[SIDE * SIDE];

  NoiseField(RandomStream random) {
    for (int i = 0; i < lattice.length; i += 4) {
      long bits = random.nextLong();
      for (int j = 0; j < 4; j++) {
        lattice[i + j] = (bits >>> (16 * j) & 0xFFFF) / 65535f;
      }
    }
  }

  /// A number in [0, 1]; features are about one unit wide.
  double at(double x, double y) {
    int column = floor(x);
    int row = floor(y);
    double right = fade(x - column);
    double down = fade(y - row);
    int upper = (row & SIDE - 1) * SIDE;
    int lower = (row + 1 & SIDE - 1) * SIDE;
    int first = column & SIDE - 1;
    int second = column + 1 & SIDE - 1;
    double top =
        lattice[upper + first] + (lattice[upper + second] - lattice[upper + first]) * right;
    double bottom =
        lattice[lower + first] + (lattice[lower + second] - lattice[lower + first]) * right;
    return top + (bottom - top) * down;
  }

  /// Three octaves, each turned so that the lattice does not show: a number in [0, 1], mean 0.5.
  double rough(double x, double y) {
    double first = at(0.87 * x - 0.49 * y, 0.49 * x + 0.87 * y);
    double second = at(0.55 * x - 1.95 * y + 17.3, 1.95 * x + 0.55 * y + 5.1);
    double third = at(3.9 * x + 1.3 * y + 31.7, -1.3 * x + 3.9 * y + 44.9);
    return (4 * first + 2 * second + third) / 7;
  }

  /// 1 on the crest lines of the noise, falling to 0 away from them.
  double ridge(double x, double y) {
    return 1 - Math.abs(2 * at(x, y) - 1);
  }

  private static int floor(double value) {
    int truncated = (int) value;
    return value < truncated ? truncated - 1 : truncated;
  }

  private static double fade(double t) {
    return t * t * (3 - 2 * t);
  }
}
