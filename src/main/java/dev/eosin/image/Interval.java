package dev.eosin.image;

import dev.eosin.random.RandomStream;

/// A range that numbers are drawn from evenly; both ends included.
public record Interval(double from, double to) {
  /// From `-most` to `most`.
  public static Interval around(double centre, double most) {
    return new Interval(centre - most, centre + most);
  }

  public double draw(RandomStream random) {
    return from + (to - from) * random.nextDouble();
  }
}
