package dev.eosin.slide;

import java.util.OptionalInt;

/// The classes of magnification that TRIDENT puts slides into.
///
/// Source: mahmoodlab/TRIDENT: below 0.16 micrometres a pixel 80x, 0.2 60x, 0.3 40x, 0.6 20x, 1.2
/// 10x, 2.4 5x; anything coarser is refused.
public final class Magnification {
  private Magnification() {}

  /// Of a slide, by the width of its pixels; empty where they are coarser than 5x.
  ///
  /// @param mpp in micrometres
  public static OptionalInt of(double mpp) {
    double[] bounds = {0.16, 0.2, 0.3, 0.6, 1.2, 2.4};
    int[] classes = {80, 60, 40, 20, 10, 5};
    for (int i = 0; i < bounds.length; i++) {
      if (mpp < bounds[i]) {
        return OptionalInt.of(classes[i]);
      }
    }
    return OptionalInt.empty();
  }
}
