package dev.eosin.data.synthetic;

/// Fat: large empty cells with thin pink rims and a few flat nuclei in the rims.
final class AdiposePainter {
  private AdiposePainter() {}

  static void paint(Brushwork brush) {
    Canvas canvas = brush.canvas();
    double spacing = brush.apart(brush.narrowed(62, 92));
    CellNet net = new CellNet(spacing, canvas.reach(), 0.62, brush.random());
    double rim = brush.between(1.3, 2.4);
    double pink = brush.between(0.55, 0.85);
    int[] cell = new int[1];
    canvas.fill(
        (pixel, cover, depth, x, y) -> {
          double bentX = x + 16 * (brush.coarse().at(x * 0.03, y * 0.03) - 0.5);
          double bentY = y + 16 * (brush.coarse().at(x * 0.03 + 20, y * 0.03) - 0.5);
          double border = net.border(bentX, bentY, cell);
          double width = rim * (0.55 + 1.1 * brush.fine().at(x * 0.07, y * 0.07));
          double wall = Math.clamp(1.3 - border / width, 0, 1);
          double film = 0.03 + 0.05 * brush.coarse().at(x * 0.05 + 9, y * 0.05);
          canvas.add(pixel, 0.02 + 0.1 * wall, film + pink * wall);
        });
    rimNuclei(brush, net, spacing);
    if (brush.chance(0.5)) {
      capillary(brush);
    }
  }

  private static void rimNuclei(Brushwork brush, CellNet net, double spacing) {
    double share = 0.12 + 0.3 * brush.look().cellularity();
    for (int cell = 0; cell + 1 < net.cells(); cell++) {
      double dx = net.x(cell + 1) - net.x(cell);
      double dy = net.y(cell + 1) - net.y(cell);
      if (brush.chance(share) && StrictMath.hypot(dx, dy) < 1.6 * spacing) {
        double x = (net.x(cell) + net.x(cell + 1)) / 2;
        double y = (net.y(cell) + net.y(cell + 1)) / 2;
        double angle = StrictMath.atan2(dy, dx) + Math.PI / 2;
        brush.nucleus(x, y, brush.between(5.5, 8), brush.between(1.8, 2.6), angle, 1.2);
      }
    }
  }

  private static void capillary(Brushwork brush) {
    double reach = brush.canvas().reach() * 0.6;
    double x = brush.between(-reach, reach);
    double y = brush.between(-reach, reach);
    double radius = brush.between(7, 12);
    brush.patch(x, y, radius + 3, radius, 0.7, 0.15, 0.75);
    for (int i = 0; i < 5; i++) {
      double angle = brush.between(0, 2 * Math.PI);
      double dx = StrictMath.cos(angle) * radius * 0.5;
      double dy = StrictMath.sin(angle) * radius * 0.5;
      brush.patch(x + dx, y + dy, 3.2, 3.2, 0, 0.1, 1.5);
    }
    brush.nucleus(x + radius, y, 6, 2.2, Math.PI / 2, 1.2);
  }
}
