package dev.eosin.data.synthetic;

/// Lakes of pale blue-grey mucus with strands, and a few cells floating in them.
final class MucusPainter {
  private MucusPainter() {}

  static void paint(Brushwork brush) {
    Canvas canvas = brush.canvas();
    double blue = brush.between(0.1, 0.24);
    double stretch = brush.between(0.008, 0.016);
    canvas.fill(
        (pixel, cover, depth, x, y) -> {
          double bendX = 110 * (brush.coarse().rough(x * 0.01, y * 0.01) - 0.5);
          double bendY = 110 * (brush.coarse().rough(x * 0.01 + 40, y * 0.01) - 0.5);
          double flow = brush.coarse().at((x + bendX) * stretch, (y + bendY) * 0.035);
          double ridge = brush.fine().ridge((x + bendY) * stretch * 1.3, (y + bendX) * 0.045 + 9);
          double strand = power7(ridge) * 0.28;
          double second = brush.fine().ridge((x - bendX) * 0.02 + 21, (y + bendY) * 0.02);
          double wisp = cube(second * second * second * second) * 0.22;
          double mist = brush.fine().rough(x * 0.09, y * 0.09) - 0.5;
          double body = Math.max(0.15, 0.35 + 1.3 * flow + 0.35 * mist);
          canvas.add(pixel, blue * body + strand + wisp, 0.035 + 0.1 * wisp + 0.06 * flow);
        });
    floatingCells(brush);
  }

  private static double power7(double x) {
    return cube(x * x) * x;
  }

  private static double cube(double x) {
    return x * x * x;
  }

  private static void floatingCells(Brushwork brush) {
    brush.scatter(
        brush.loose(92 - 38 * brush.look().cellularity()),
        1,
        (x, y) -> {
          if (brush.placed(0.34)) {
            double angle = brush.between(0, Math.PI);
            brush.patch(x, y, brush.between(7, 10), 7, angle, 0.12, 0.35);
            brush.nucleus(x + 2.5, y, brush.between(3.6, 5), 3.6, angle, 1.1);
          } else if (brush.chance(0.12)) {
            for (int i = 0; i < 5; i++) {
              double dx = brush.between(-14, 14);
              double dy = brush.between(-8, 8);
              brush.patch(x + dx, y + dy, 7, 6.5, 0, 0.16, 0.42);
              brush.nucleus(x + dx, y + dy, 4.8, 3.8, brush.between(0, Math.PI), 1.15);
            }
          }
        });
  }
}
