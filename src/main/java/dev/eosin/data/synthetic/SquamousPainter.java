package dev.eosin.data.synthetic;

/// Squamous carcinoma: pavement of pink polygonal cells with pale seams and open nuclei, whorled
/// keratin pearls, strips of stroma between the nests.
final class SquamousPainter {
  private SquamousPainter() {}

  static void paint(Brushwork brush) {
    double spacing = brush.apart(brush.narrowed(24, 31) - 4 * brush.look().cellularity());
    CellNet net = new CellNet(spacing, brush.canvas().reach(), 0.55, brush.random());
    double edge = brush.between(0.22, 0.34);
    pavement(brush, net, edge);
    for (int cell = 0; cell < net.cells(); cell++) {
      if (brush.canvas().sees(net.x(cell), net.y(cell), spacing)) {
        cellAt(brush, net.x(cell), net.y(cell), edge);
      }
    }
    int pearls = 1 + brush.random().nextInt(3);
    double reach = brush.canvas().reach() * 0.62;
    for (int i = 0; i < pearls; i++) {
      pearl(brush, brush.between(-reach, reach), brush.between(-reach, reach));
    }
  }

  /// How deep a point lies in a nest; below 0 it is in the stroma.
  private static double nest(Brushwork brush, double edge, double x, double y) {
    return brush.coarse().at(x * 0.012 + 2, y * 0.012 + 60) - edge;
  }

  private static void pavement(Brushwork brush, CellNet net, double edge) {
    Canvas canvas = brush.canvas();
    double pink = brush.between(0.6, 0.85);
    int[] cell = new int[1];
    canvas.fill(
        (pixel, cover, depth, x, y) -> {
          double weave = brush.fine().at(x * 0.17, y * 0.17) - 0.5;
          double inNest = Math.clamp(nest(brush, edge, x, y) * 25 + 0.5, 0, 1);
          double seam = Math.clamp(1.4 - net.border(x, y, cell) / 1.1, 0, 1);
          double tint = 0.85 + 0.3 * ((cell[0] * 2654435761L >>> 8 & 0xFF) / 255.0);
          double epithelium = pink * tint * (1 + 0.25 * weave) * (1 - 0.55 * seam);
          double strand = brush.fine().at(x * 0.025 + 5, y * 0.2);
          double stroma = 0.2 + 0.45 * strand;
          canvas.add(
              pixel,
              0.06 + inNest * (0.12 + 0.08 * weave),
              inNest * epithelium + (1 - inNest) * stroma);
        });
  }

  private static void cellAt(Brushwork brush, double x, double y, double edge) {
    double depth = nest(brush, edge, x, y);
    double angle = brush.between(0, Math.PI);
    if (depth < -0.02) {
      if (brush.chance(0.55)) {
        brush.lymphocyte(x, y);
      }
      brush.nucleus(x + 9, y + 4, brush.between(6, 9), 2.2, angle, 1.1);
    } else if (depth < 0.1) {
      brush.nucleus(x, y, brush.between(5, 7.5), brush.between(4, 5), angle, brush.between(1, 1.4));
    } else if (brush.chance(0.92)) {
      brush.vesicularNucleus(x, y, brush.between(5, 7.4), brush.between(4.2, 5.6), angle);
    }
  }

  /// Onion-like layers of keratin with flat ghosts of nuclei.
  private static void pearl(Brushwork brush, double centreX, double centreY) {
    Canvas canvas = brush.canvas();
    double radius = brush.between(26, 46);
    GlandShape shape = new GlandShape(centreX, centreY, radius, 0.14, brush.random());
    double pink = brush.between(1.15, 1.5);
    double layers = brush.between(5, 8);
    canvas.around(
        centreX,
        centreY,
        shape.largestRadius() + 3,
        (pixel, cover, depth, x, y) -> {
          double d = shape.depth(x, y);
          double inside = Math.clamp((1.05 - d) * 9, 0, 1);
          if (inside == 0) {
            return;
          }
          double bend = brush.coarse().at(x * 0.06, y * 0.06) * 1.6;
          double lamella = brush.fine().at(d * layers * 2 + bend, (x - y) * 0.018) - 0.5;
          double crack = Math.max(0, brush.coarse().ridge(d * layers + bend, x * 0.02) - 0.93) * 6;
          double weave = brush.fine().at(x * 0.3, y * 0.3) - 0.5;
          double body = 0.85 + 0.4 * lamella + 0.15 * weave - crack;
          double amount = pink * body * (1.05 - 0.25 * d);
          canvas.cover(pixel, inside, 0.04, amount);
        });
    int flat = (int) (radius / 2.2);
    for (int i = 0; i < flat; i++) {
      double angle = brush.between(0, 2 * Math.PI);
      double distance = shape.radius(angle) * Math.sqrt(brush.between(0.25, 1.15));
      double x = centreX + StrictMath.cos(angle) * distance;
      double y = centreY + StrictMath.sin(angle) * distance;
      brush.nucleus(x, y, brush.between(4, 7), 1.7, angle + Math.PI / 2, brush.between(0.7, 1.2));
    }
  }
}
