package dev.eosin.data.synthetic;

/// A dense sheet of small round dark nuclei, with a few large pale cells between them.
final class LymphocytePainter {
  private LymphocytePainter() {}

  static void paint(Brushwork brush) {
    Canvas canvas = brush.canvas();
    double blue = brush.between(0.16, 0.3);
    double pink = brush.between(0.25, 0.45);
    canvas.fill(
        (pixel, cover, depth, x, y) -> {
          double cloud = brush.coarse().rough(x * 0.05, y * 0.05);
          double crack = Math.max(0, brush.coarse().ridge(x * 0.03 + 8, y * 0.03) - 0.86) * 3;
          double mottle = brush.fine().at(x * 0.3, y * 0.3) - 0.5;
          double share = Math.max(0, 1 - crack);
          canvas.add(
              pixel,
              share * (blue * (0.6 + 0.8 * cloud) + 0.1 * mottle),
              share * pink * (0.7 + 0.6 * cloud));
        });
    double spacing = brush.loose(14.2 - 3.2 * brush.look().cellularity());
    brush.scatter(
        spacing,
        0.62,
        (x, y) -> {
          double crowd = brush.coarse().at(x * 0.02 + 3, y * 0.02);
          if (brush.chance(0.035)) {
            brush.patch(x, y, 9, 8, 0, 0.15, 0.42);
            brush.vesicularNucleus(x, y, 7.2, 6, brush.between(0, Math.PI));
          } else if (brush.chance(0.7 + 0.5 * crowd)) {
            brush.lymphocyte(x, y);
          }
        });
  }
}
