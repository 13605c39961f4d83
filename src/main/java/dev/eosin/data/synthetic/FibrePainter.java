package dev.eosin.data.synthetic;

/// Fibrous stroma (wavy loose collagen, spindle nuclei) and smooth muscle (parallel full bundles,
/// cigar-shaped nuclei).
final class FibrePainter {
  private FibrePainter() {}

  static void stroma(Brushwork brush) {
    double wave = brush.between(14, 26);
    double gaps = brush.between(0.25, 0.45);
    collagen(brush, wave, gaps, brush.between(0.6, 0.9));
    double spacing = brush.loose(46 - 20 * brush.look().cellularity());
    brush.scatter(
        spacing,
        0.95,
        (x, y) -> {
          if (brush.placed(0.8)) {
            double angle = slope(brush, wave, x, y) + brush.between(-0.2, 0.2);
            double along = brush.between(7.5, 13);
            brush.nucleus(x, y, along, brush.between(1.6, 2.6), angle, brush.between(1, 1.35));
          }
        });
  }

  /// Wavy strands with pale clefts over the whole tile.
  static void collagen(Brushwork brush, double wave, double gaps, double pink) {
    Canvas canvas = brush.canvas();
    canvas.fill(
        (pixel, cover, depth, x, y) -> {
          double across = y + lift(brush, wave, x, y);
          double strand = brush.fine().at(x * 0.014, across * 0.19);
          double thread = brush.fine().at(x * 0.03 + 11, across * 0.5 + 7);
          double cleft = brush.coarse().at(x * 0.013 + 5, across * 0.075);
          double filled = Math.clamp((cleft - gaps) * 6 + 0.4, 0.12, 1);
          double body = filled * (0.45 + 0.55 * strand + 0.28 * (thread - 0.5));
          canvas.add(pixel, 0.05 + 0.06 * body, pink * body);
        });
  }

  private static double lift(Brushwork brush, double wave, double x, double y) {
    double slow = brush.coarse().at(x * 0.011, y * 0.006);
    double quick = brush.coarse().at(x * 0.035 + 30, y * 0.012 + 3);
    return wave * (2.6 * (slow - 0.5) + 0.9 * (quick - 0.5));
  }

  /// Direction of the strands at a point.
  private static double slope(Brushwork brush, double wave, double x, double y) {
    double step = 4;
    double rise = lift(brush, wave, x + step, y) - lift(brush, wave, x - step, y);
    return StrictMath.atan2(-rise, 2 * step);
  }

  static void muscle(Brushwork brush) {
    Canvas canvas = brush.canvas();
    double wave = brush.between(2, 9);
    double bundle = brush.between(0.045, 0.075);
    double pink = brush.between(0.85, 1.15);
    canvas.fill(
        (pixel, cover, depth, x, y) -> {
          double across = y + lift(brush, wave, x, y);
          double seam = brush.coarse().ridge(x * 0.0045 + 2, across * bundle);
          double pale = Math.max(0, seam - 0.84) * 4.5;
          double fibre = brush.fine().at(x * 0.011, across * 0.16);
          double grain = brush.fine().at(x * 0.12, across * 0.4 + 13) - 0.5;
          double body = (0.72 + 0.3 * fibre + 0.14 * grain) * (1 - Math.min(0.75, pale));
          canvas.add(pixel, 0.08 + 0.12 * body, pink * body);
        });
    double spacing = brush.loose(40 - 13 * brush.look().cellularity());
    brush.scatter(
        spacing,
        0.9,
        (x, y) -> {
          if (brush.placed(0.75)) {
            double angle = slope(brush, wave, x, y) + brush.between(-0.07, 0.07);
            double along = brush.between(9.5, 15);
            brush.patch(x, y, along + 4, 3.6, angle, 0.1, pink * 0.55);
            brush.nucleus(x, y, along, brush.between(2.3, 3.2), angle, brush.between(0.8, 1.1));
          }
        });
  }
}
