package dev.eosin.data.synthetic;

import dev.eosin.tensor.RandomStream;
import java.util.Arrays;

/// The outline of a gland: a circle bent by a few harmonics.
///
/// Outline radii are tabulated by angle; a point's depth is its distance from the centre as a share
/// of the outline's there.
final class GlandShape {
  private static final int STEPS = 128;
  private final double x;
  private final double y;
  private final double[] outline = new double[STEPS + 1];
  private double largest;

  /// @param radius mean radius in units
  /// @param irregularity amplitude of the bends as a share of the radius
  GlandShape(double x, double y, double radius, double irregularity, RandomStream random) {
    this.x = x;
    this.y = y;
    Arrays.fill(outline, radius);
    for (int harmonic = 2; harmonic <= 5; harmonic++) {
      double amplitude = radius * irregularity * random.nextDouble() * 2 / harmonic;
      double phase = random.nextDouble() * 2 * Math.PI;
      for (int i = 0; i <= STEPS; i++) {
        outline[i] += amplitude * Math.cos(harmonic * 2 * Math.PI * i / STEPS + phase);
      }
    }
    for (double r : outline) {
      largest = Math.max(largest, r);
    }
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
    double position = (turn - Math.floor(turn)) * STEPS;
    int step = Math.min((int) position, STEPS - 1);
    return outline[step] + (outline[step + 1] - outline[step]) * (position - step);
  }

  /// 0 at the centre, 1 on the outline.
  double depth(double px, double py) {
    double dx = px - x;
    double dy = py - y;
    double distance = Math.sqrt(dx * dx + dy * dy);
    return distance / radius(Math.atan2(dy, dx));
  }

  double circumference() {
    double sum = 0;
    for (int i = 0; i < STEPS; i++) {
      sum += outline[i];
    }
    return 2 * Math.PI * sum / STEPS;
  }
}
