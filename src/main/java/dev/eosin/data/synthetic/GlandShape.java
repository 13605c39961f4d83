package dev.eosin.data.synthetic;

import dev.eosin.random.RandomStream;

/// The outline of a gland: a circle bent by a few harmonics.
///
/// A point's depth is its distance from the centre as a share of the outline's in its direction.
/// Directions are measured along the diamond |x| + |y| = 1 (0 to 4, counter-clockwise from the x
/// axis), which needs no arc tangent for each pixel.
final class GlandShape {
  private static final int STEPS = 128;
  private static final double[] COSINES = new double[STEPS];
  private static final double[] SINES = new double[STEPS];
  private static final double[] TURN_OF_DIAMOND = new double[STEPS + 1];

  static {
    for (int i = 0; i < STEPS; i++) {
      COSINES[i] = StrictMath.cos(2 * Math.PI * i / STEPS);
      SINES[i] = StrictMath.sin(2 * Math.PI * i / STEPS);
    }
    for (int i = 0; i <= STEPS; i++) {
      double quarter = 4.0 * i / STEPS;
      double part = quarter - Math.floor(quarter);
      double angle = StrictMath.atan2(part, 1 - part);
      TURN_OF_DIAMOND[i] = Math.floor(quarter) / 4 + angle / (2 * Math.PI);
    }
  }

  private final double x;
  private final double y;
  private final double[] byAngle = new double[STEPS + 1];
  private final double[] byDiamond = new double[STEPS + 1];
  private double largest;
  private double sum;

  /// @param radius mean radius in units
  /// @param irregularity amplitude of the bends as a share of the radius
  GlandShape(double x, double y, double radius, double irregularity, RandomStream random) {
    this.x = x;
    this.y = y;
    for (int i = 0; i <= STEPS; i++) {
      byAngle[i] = radius;
    }
    for (int harmonic = 2; harmonic <= 5; harmonic++) {
      double amplitude = radius * irregularity * random.nextDouble() * 2 / harmonic;
      double phase = random.nextDouble() * 2 * Math.PI;
      bend(harmonic, amplitude * StrictMath.cos(phase), amplitude * StrictMath.sin(phase));
    }
    for (int i = 0; i <= STEPS; i++) {
      byDiamond[i] = at(byAngle, TURN_OF_DIAMOND[i] * STEPS);
      largest = Math.max(largest, byAngle[i]);
      sum += i < STEPS ? byAngle[i] : 0;
    }
  }

  private void bend(int harmonic, double even, double odd) {
    for (int i = 0; i <= STEPS; i++) {
      int turn = harmonic * i % STEPS;
      byAngle[i] += even * COSINES[turn] - odd * SINES[turn];
    }
  }

  private static double at(double[] table, double position) {
    int step = Math.min((int) position, STEPS - 1);
    return table[step] + (table[step + 1] - table[step]) * (position - step);
  }

  double x() {
    return x;
  }

  double y() {
    return y;
  }

  double largestRadius() {
    return largest;
  }

  /// Outline radius at an angle in radians.
  double radius(double angle) {
    double turn = angle / (2 * Math.PI);
    return at(byAngle, (turn - Math.floor(turn)) * STEPS);
  }

  /// 0 at the centre, 1 on the outline.
  double depth(double px, double py) {
    double dx = px - x;
    double dy = py - y;
    double norm = Math.abs(dx) + Math.abs(dy);
    if (norm == 0) {
      return 0;
    }
    double slope = dy / norm;
    double diamond = dx < 0 ? 2 - slope : slope < 0 ? 4 + slope : slope;
    return Math.sqrt(dx * dx + dy * dy) / at(byDiamond, diamond * (STEPS / 4.0));
  }

  double circumference() {
    return 2 * Math.PI * sum / STEPS;
  }
}
