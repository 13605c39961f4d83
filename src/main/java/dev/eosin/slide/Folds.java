package dev.eosin.slide;

import dev.eosin.image.RgbImage;
import java.util.Arrays;

/// Where tissue lies folded on itself: two layers let through the product of what each lets
/// through, so that their optical density is about twice that of the slide's tissue. Dense nuclei
/// are darker than others as well, but not by as much over squares of some micrometres.
final class Folds {
  private static final double BRIGHTEST = 256;

  private Folds() {}

  /// How dark a fold is at least, in medians of the tissue's optical density.
  private static double factor(TissueSettings.Folds preset) {
    return switch (preset) {
      case KEEP -> Double.POSITIVE_INFINITY;
      case USUAL -> 1.9;
      case STRICT -> 1.6;
    };
  }

  /// @param tissue of the same overview
  /// @return what of the tissue is folded; nothing where folds are kept
  static TissueMask of(Overview overview, TissueMask tissue, TissueSettings.Folds preset) {
    boolean[] folded = new boolean[tissue.tissue().length];
    if (preset != TissueSettings.Folds.KEEP) {
      double[] densities = densities(overview.image());
      double threshold = factor(preset) * median(densities, tissue.tissue());
      for (int i = 0; i < folded.length; i++) {
        folded[i] = tissue.tissue()[i] && densities[i] > threshold;
      }
      folded = TissueMask.withoutSpecks(folded, tissue.width(), tissue.height());
    }
    return new TissueMask(tissue.width(), tissue.height(), tissue.downsample(), folded);
  }

  /// The mean optical density of each pixel's bands.
  private static double[] densities(RgbImage image) {
    double[] ofValue = new double[256];
    Arrays.setAll(ofValue, value -> -Math.log10((value + 1) / BRIGHTEST));
    double[] densities = new double[image.width() * image.height()];
    for (int i = 0; i < densities.length; i++) {
      double sum = 0;
      for (int band = 0; band < 3; band++) {
        sum += ofValue[image.pixels()[3 * i + band] & 0xFF];
      }
      densities[i] = sum / 3;
    }
    return densities;
  }

  private static double median(double[] densities, boolean[] tissue) {
    double[] inside = new double[densities.length];
    int count = 0;
    for (int i = 0; i < densities.length; i++) {
      if (tissue[i]) {
        inside[count++] = densities[i];
      }
    }
    Arrays.sort(inside, 0, count);
    return count == 0 ? Double.POSITIVE_INFINITY : inside[count / 2];
  }
}
