package dev.eosin.data.synthetic;

/// The three ways in which tiles of [Facts] are stained. The bands do not overlap, whatever the
/// strength of the stain.
enum StainBand {
  PINK(new double[] {0.35, 0.80, 0.36}, new double[] {0.07, 0.56, 0.20}),
  PURPLE(new double[] {0.68, 0.85, 0.25}, new double[] {0.45, 0.70, 0.13}),
  BLUE(new double[] {0.95, 0.60, 0.15}, new double[] {0.56, 0.45, 0.10});

  private final double[] blue;
  private final double[] pink;

  StainBand(double[] blue, double[] pink) {
    this.blue = blue;
    this.pink = pink;
  }

  /// What one unit of haematoxylin takes of red, green and blue light.
  double[] blue() {
    return blue.clone();
  }

  /// What one unit of eosin takes of red, green and blue light.
  double[] pink() {
    return pink.clone();
  }
}
