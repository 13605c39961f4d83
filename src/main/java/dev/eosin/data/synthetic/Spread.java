package dev.eosin.data.synthetic;

/// How far apart the things on a tile lie, and how clearly they show, against what a painter would
/// choose.
///
/// @param narrowing the share of a painter's own range that is cut off, half at each end
/// @param widest glands and large cells lie no farther apart than this before scaling, in units, so
///   that even a small tile shows some
/// @param loosest single cells lie no farther apart than this before scaling, in units, so that
///   there are enough of them to count
/// @param filling at least so many of the places where something may lie are taken, as a share
/// @param scale of every distance
/// @param boldness factor of the haematoxylin in nuclei
record Spread(
    double narrowing,
    double widest,
    double loosest,
    double filling,
    double scale,
    double boldness) {
  /// The painter's own.
  static final Spread NATURAL =
      new Spread(0, Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, 0, 1, 1);

  /// The lower end of a painter's range, narrowed.
  double from(double from, double to) {
    return from + narrowing * 0.5 * (to - from);
  }

  /// The upper end of a painter's range, narrowed.
  double to(double from, double to) {
    return to - narrowing * 0.5 * (to - from);
  }

  /// A distance between glands or large cells, where the painter would choose `own`.
  double apart(double own) {
    return Math.min(own, widest) * scale;
  }

  /// A distance between single cells, where the painter would choose `own`.
  double loose(double own) {
    return Math.min(own, loosest) * scale;
  }

  /// How likely a place is taken, where the painter would choose `own`.
  double filled(double own) {
    return Math.max(own, filling);
  }
}
