package dev.eosin.data.synthetic;

import dev.eosin.random.RandomStream;

/// Everything about a tile that its caption may mention or that is not tissue: drawn once, used by
/// the painter and by the caption writer.
///
/// @param cellularity from 0 (few nuclei) to 1 (crowded)
/// @param haematoxylin strength of the blue stain; 1 is usual
/// @param eosin strength of the pink stain; 1 is usual
/// @param eosinHue from 0 (Ruifrok's magenta) to 1 (Macenko's salmon)
/// @param hueShift tilt of both stains, around 0
/// @param zoom magnification; 1 is usual
/// @param rotation in radians
/// @param defocus standard deviation of the blur, in pixels of a 224 px tile
/// @param grain standard deviation of the sensor noise, in grey levels
/// @param light brightness of the empty slide, at most 1
/// @param spread of what lies on it
record Appearance(
    Tissue tissue,
    double cellularity,
    double haematoxylin,
    double eosin,
    double eosinHue,
    double hueShift,
    double zoom,
    double rotation,
    double defocus,
    double grain,
    double light,
    Spread spread) {
  static Appearance draw(Tissue tissue, RandomStream random) {
    return new Appearance(
        tissue,
        random.nextDouble(),
        between(random, 0.7, 1.35),
        between(random, 0.7, 1.35),
        between(random, 0.3, 1),
        between(random, -1, 1),
        StrictMath.exp(between(random, -0.22, 0.22)),
        between(random, 0, 2 * Math.PI),
        between(random, 0.35, 0.95),
        between(random, 1, 4),
        between(random, 0.93, 0.99),
        Spread.NATURAL);
  }

  static double between(RandomStream random, double from, double to) {
    return from + (to - from) * random.nextDouble();
  }
}
