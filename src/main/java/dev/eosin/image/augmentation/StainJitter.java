package dev.eosin.image.augmentation;

import dev.eosin.image.Interval;
import dev.eosin.image.Matrices;
import dev.eosin.image.RgbImage;
import dev.eosin.random.RandomStream;

/// Changes how strongly a tile is stained: its optical density is split into haematoxylin, eosin
/// and DAB, each of which is multiplied and shifted at random (Tellez et al. 2018, section III.B).
///
/// The stain vectors are Ruifrok's and Johnston's (2001), as in scikit-image's `rgb2hed`, which
/// differs by cutting negative amounts off, so that its way there and back changes a tile.
///
/// @param scale most by which a stain's factor differs from 1
/// @param shift most by which a stain's amount is shifted, in optical density (natural logarithm)
public record StainJitter(double scale, double shift) implements TileStep {
  private static final double[][] STAINS = {
    {0.65, 0.70, 0.29}, {0.07, 0.99, 0.11}, {0.27, 0.57, 0.78}
  };

  @Override
  public RgbImage apply(RgbImage tile, RandomStream random) {
    double[] factors = new double[3];
    double[] shifts = new double[3];
    for (int stain = 0; stain < 3; stain++) {
      factors[stain] = Interval.around(1, scale).draw(random);
      shifts[stain] = Interval.around(0, shift).draw(random);
    }
    return changed(tile, factors, shifts);
  }

  /// With density d as a row, and stain vectors S: (d S^-1 factors + shifts) S.
  static RgbImage changed(RgbImage tile, double[] factors, double[] shifts) {
    double[][] apart = Matrices.inverse(STAINS);
    double[][] both = new double[3][3];
    double[] added = new double[3];
    for (int channel = 0; channel < 3; channel++) {
      for (int stain = 0; stain < 3; stain++) {
        added[channel] += shifts[stain] * STAINS[stain][channel];
        for (int from = 0; from < 3; from++) {
          both[from][channel] += apart[from][stain] * factors[stain] * STAINS[stain][channel];
        }
      }
    }
    double[] density = new double[256];
    for (int level = 0; level < 256; level++) {
      density[level] = -Math.log(Math.max(level, 1) / 255.0);
    }
    byte[] pixels = tile.pixels();
    byte[] result = new byte[pixels.length];
    for (int i = 0; i < pixels.length; i += 3) {
      double red = density[pixels[i] & 0xFF];
      double green = density[pixels[i + 1] & 0xFF];
      double blue = density[pixels[i + 2] & 0xFF];
      for (int channel = 0; channel < 3; channel++) {
        double sum = red * both[0][channel] + green * both[1][channel] + blue * both[2][channel];
        double level = Math.rint(255 * Math.exp(-sum - added[channel]));
        result[i + channel] = (byte) (int) Math.clamp(level, 0, 255);
      }
    }
    return new RgbImage(tile.width(), tile.height(), result);
  }
}
