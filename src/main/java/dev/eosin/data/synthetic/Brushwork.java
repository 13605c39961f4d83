package dev.eosin.data.synthetic;

import dev.eosin.random.RandomStream;

/// The canvas, the tile's randomness and the strokes that every tissue needs: nuclei, debris,
/// ground texture.
final class Brushwork {
  private static final double LARGEST_CELL = 18;

  private final Canvas canvas;
  private final Appearance look;
  private final RandomStream random;
  private final NoiseField coarse;
  private final NoiseField fine;

  Brushwork(Canvas canvas, Appearance look, RandomStream random) {
    this.canvas = canvas;
    this.look = look;
    this.random = random;
    this.coarse = new NoiseField(random);
    this.fine = new NoiseField(random);
  }

  Canvas canvas() {
    return canvas;
  }

  Appearance look() {
    return look;
  }

  RandomStream random() {
    return random;
  }

  /// Noise for shapes.
  NoiseField coarse() {
    return coarse;
  }

  /// Noise for surfaces.
  NoiseField fine() {
    return fine;
  }

  double between(double from, double to) {
    return Appearance.between(random, from, to);
  }

  /// A number in a painter's range of distances, or in the part of it that the tile's spread
  /// leaves.
  double narrowed(double from, double to) {
    return between(look.spread().from(from, to), look.spread().to(from, to));
  }

  /// A distance between glands or large cells, where the painter alone would choose `own`.
  double apart(double own) {
    return look.spread().apart(own);
  }

  /// A distance between single cells, where the painter alone would choose `own`.
  double loose(double own) {
    return look.spread().loose(own);
  }

  /// Whether something lies at one of its places, which it does with probability `own` where the
  /// painter alone chooses.
  boolean placed(double own) {
    return chance(look.spread().filled(own));
  }

  boolean chance(double probability) {
    return random.nextDouble() < probability;
  }

  /// A nucleus with clumped chromatin and a darker membrane.
  ///
  /// @param along first radius in units, at `angle`
  /// @param across second radius in units
  /// @param darkness haematoxylin; 1 is dark
  void nucleus(double x, double y, double along, double across, double angle, double darkness) {
    double offset = random.nextInt(1 << 12);
    double bold = darkness * look.spread().boldness();
    canvas.ellipse(
        x,
        y,
        along,
        across,
        angle,
        1.2,
        (pixel, cover, depth, px, py) -> {
          double chromatin = fine.at(px * 0.55 + offset, py * 0.55) - 0.5;
          double membrane = depth > 0.72 ? 0.18 : 0;
          double blue = bold * (0.95 + 0.5 * chromatin + membrane);
          canvas.cover(pixel, cover, blue, 0.25);
        });
  }

  /// An open nucleus: pale chromatin, sharp membrane, one or two nucleoli.
  void vesicularNucleus(double x, double y, double along, double across, double angle) {
    double darkness = between(0.75, 1.1);
    canvas.ellipse(
        x,
        y,
        along,
        across,
        angle,
        1.2,
        (pixel, cover, depth, px, py) -> {
          double chromatin = fine.at(px * 0.4 + 9, py * 0.4) - 0.5;
          double blue = darkness * (depth > 0.74 ? 1.1 : 0.6 + 0.35 * chromatin);
          canvas.cover(pixel, cover, blue, 0.2);
        });
    int nucleoli = 1 + random.nextInt(2);
    for (int i = 0; i < nucleoli; i++) {
      double dx = between(-0.35, 0.35) * along;
      double dy = between(-0.35, 0.35) * across;
      dot(x + dx, y + dy, between(1.1, 1.8), 1.5, 0.35);
    }
  }

  /// A small round speck.
  void dot(double x, double y, double radius, double blue, double pink) {
    canvas.ellipse(
        x,
        y,
        radius,
        radius,
        0,
        1,
        (pixel, cover, depth, px, py) -> canvas.cover(pixel, cover, blue, pink));
  }

  /// A soft-edged even ellipse.
  void patch(
      double x, double y, double along, double across, double angle, double blue, double pink) {
    canvas.ellipse(
        x,
        y,
        along,
        across,
        angle,
        2,
        (pixel, cover, depth, px, py) -> canvas.cover(pixel, cover, blue, pink));
  }

  /// A small round dark nucleus with hardly any cytoplasm.
  void lymphocyte(double x, double y) {
    double radius = between(4.2, 5.4);
    nucleus(x, y, radius, radius * between(0.86, 1), between(0, Math.PI), between(1.15, 1.5));
  }

  /// Calls `action` on the points of a jittered grid, as far as something there may be visible.
  ///
  /// @param spacing of the grid in units
  /// @param jitter 0 for a regular grid, 1 for points anywhere in their cell
  void scatter(double spacing, double jitter, Placement action) {
    double reach = canvas.reach() + spacing;
    int steps = (int) Math.ceil(reach / spacing);
    for (int row = -steps; row <= steps; row++) {
      for (int column = -steps; column <= steps; column++) {
        double shift = (row & 1) == 0 ? 0.25 : -0.25;
        double x = (column + shift + jitter * (random.nextDouble() - 0.5)) * spacing;
        double y = (row + jitter * (random.nextDouble() - 0.5)) * spacing * 0.87;
        if (canvas.sees(x, y, Math.max(spacing, LARGEST_CELL))) {
          action.at(x, y);
        }
      }
    }
  }

  /// Something put at a point in tissue coordinates.
  @FunctionalInterface
  interface Placement {
    void at(double x, double y);
  }
}
