package dev.eosin.data.synthetic;

/// Dead tissue: granular pink debris, outlines of ghost cells, nuclear dust.
final class NecrosisPainter {
  private NecrosisPainter() {}

  static void paint(Brushwork brush) {
    Canvas canvas = brush.canvas();
    double pink = brush.between(0.6, 0.95);
    double haze = brush.between(0.06, 0.2);
    canvas.fill(
        (pixel, cover, depth, x, y) -> {
          double clump = brush.coarse().rough(x * 0.035, y * 0.035);
          double crumb = brush.fine().rough(x * 0.16, y * 0.16);
          double speck = brush.fine().at(x * 0.7 + 3, y * 0.7) - 0.5;
          double hole = Math.clamp((0.36 - clump) * 7, 0, 0.85);
          double body = (0.25 + 0.75 * clump + 0.75 * (crumb - 0.5) + 0.3 * speck) * (1 - hole);
          double tinge = haze * Math.max(0, brush.coarse().at(x * 0.02 + 7, y * 0.02) * 2 - 0.4);
          canvas.add(pixel, Math.max(0, tinge + 0.14 * speck), pink * Math.max(0.06, body));
        });
    ghosts(brush);
    dust(brush);
  }

  private static void ghosts(Brushwork brush) {
    Canvas canvas = brush.canvas();
    brush.scatter(
        brush.loose(27),
        0.9,
        (x, y) -> {
          if (brush.chance(0.45)) {
            double radius = brush.between(6, 10);
            double strength = brush.between(0.08, 0.3);
            canvas.ellipse(
                x,
                y,
                radius,
                radius * brush.between(0.75, 1),
                brush.between(0, Math.PI),
                2,
                (pixel, cover, depth, px, py) -> {
                  double ring = depth > 0.75 ? strength : -0.3 * strength;
                  canvas.add(pixel, cover * (depth < 0.5 ? 0.06 : 0), cover * ring);
                });
          }
        });
  }

  private static void dust(Brushwork brush) {
    double share = 0.25 + 0.5 * brush.look().cellularity();
    brush.scatter(
        brush.loose(13),
        1,
        (x, y) -> {
          double crowd = brush.coarse().at(x * 0.028 + 50, y * 0.028);
          if (!brush.placed(share * crowd * 1.4)) {
            return;
          }
          if (brush.chance(0.16)) {
            double radius = brush.between(2.6, 4);
            brush.nucleus(x, y, radius, radius * 0.85, brush.between(0, Math.PI), 1.5);
            return;
          }
          int specks = 1 + brush.random().nextInt(4);
          for (int i = 0; i < specks; i++) {
            double dx = brush.between(-4, 4);
            double dy = brush.between(-4, 4);
            brush.dot(x + dx, y + dy, brush.between(0.7, 1.7), brush.between(0.8, 1.6), 0.4);
          }
        });
  }
}
