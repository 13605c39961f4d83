package dev.eosin.image.transforms;

import dev.eosin.config.DataException;
import dev.eosin.image.Matrices;
import dev.eosin.image.RgbImage;
import dev.eosin.image.formats.ImageDecoder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/// Gives an image the stains of a reference: Macenko et al. 2009, with the constants and the order
/// of operations of torchstain's numpy version (light 240, tissue above an optical density of 0.15,
/// extremes at 1 % and 99 %).
///
/// An image of which less than 1 % is tissue, or whose tissue shows one stain only, is left as it
/// is: its stains cannot be told.
public final class StainNormaliser {
  private static final double LIGHT = 240;
  private static final double TISSUE = 0.15;
  private static final double LEAST_TISSUE = 0.01;
  private static final double EXTREME = 1;

  /// Of the parallelogram of two unit vectors; below it they are one stain.
  private static final double LEAST_AREA = 1e-3;

  private static final double[] DENSITY = new double[256];

  static {
    for (int level = 0; level < DENSITY.length; level++) {
      DENSITY[level] = -Math.log((level + 1) / LIGHT);
    }
  }

  private final Stains reference;

  private StainNormaliser(Stains reference) {
    this.reference = reference;
  }

  /// What an image is stained with.
  ///
  /// @param vectors [2, 3] optical density of haematoxylin and eosin, of length 1
  /// @param strongest the 99th percentile of each one's amount
  /// @param amounts [2, pixels]
  @SuppressWarnings("ArrayRecordComponent") // passed from one method to the next
  record Stains(double[][] vectors, double[] strongest, double[][] amounts) {}

  /// @throws DataException when the reference cannot be read or shows too little tissue
  public static StainNormaliser of(Path reference) throws DataException {
    RgbImage image = new ImageDecoder().decode(reference).toRgb();
    return stains(image)
        .map(StainNormaliser::new)
        .orElseThrow(
            () ->
                new DataException(
                    reference
                        + ": shows too little tissue of two stains to be a reference; choose a tile"
                        + " full of tissue"));
  }

  /// The image with the reference's stains, or as it is where it shows too little tissue.
  public RgbImage apply(RgbImage image) {
    return stains(image).map(own -> stained(image, own)).orElse(image);
  }

  private RgbImage stained(RgbImage image, Stains own) {
    double first = reference.strongest[0] / own.strongest[0];
    double second = reference.strongest[1] / own.strongest[1];
    byte[] result = new byte[image.pixels().length];
    for (int i = 0; i < result.length; i++) {
      int pixel = i / 3;
      int channel = i % 3;
      double density =
          reference.vectors[0][channel] * own.amounts[0][pixel] * first
              + reference.vectors[1][channel] * own.amounts[1][pixel] * second;
      result[i] = (byte) (int) Math.min(LIGHT * Math.exp(-density), 255);
    }
    return new RgbImage(image.width(), image.height(), result);
  }

  /// The stains of an image; nothing where it shows too little tissue to tell.
  static Optional<Stains> stains(RgbImage image) {
    byte[] pixels = image.pixels();
    int[] tissue = tissue(pixels);
    if (tissue.length < Math.max(3, LEAST_TISSUE * pixels.length / 3)) {
      return Optional.empty();
    }
    double[][] plane = Matrices.principal(covariance(pixels, tissue));
    double[] angles = new double[tissue.length];
    for (int i = 0; i < tissue.length; i++) {
      angles[i] =
          Math.atan2(along(plane[1], pixels, tissue[i]), along(plane[0], pixels, tissue[i]));
    }
    Arrays.sort(angles);
    double[] low = at(percentile(angles, EXTREME), plane);
    double[] high = at(percentile(angles, 100 - EXTREME), plane);
    // Haematoxylin takes more red light than eosin.
    double[][] vectors = low[0] > high[0] ? new double[][] {low, high} : new double[][] {high, low};
    return measured(vectors, pixels);
  }

  private static int[] tissue(byte[] pixels) {
    int[] tissue = new int[pixels.length / 3];
    int count = 0;
    for (int i = 0; i < pixels.length; i += 3) {
      if (DENSITY[pixels[i] & 0xFF] >= TISSUE
          && DENSITY[pixels[i + 1] & 0xFF] >= TISSUE
          && DENSITY[pixels[i + 2] & 0xFF] >= TISSUE) {
        tissue[count++] = i;
      }
    }
    return Arrays.copyOf(tissue, count);
  }

  private static double[][] covariance(byte[] pixels, int[] tissue) {
    double[] mean = new double[3];
    for (int pixel : tissue) {
      for (int channel = 0; channel < 3; channel++) {
        mean[channel] += DENSITY[pixels[pixel + channel] & 0xFF] / tissue.length;
      }
    }
    double[][] covariance = new double[3][3];
    for (int pixel : tissue) {
      for (int i = 0; i < 3; i++) {
        double fromMean = DENSITY[pixels[pixel + i] & 0xFF] - mean[i];
        for (int j = 0; j < 3; j++) {
          double other = DENSITY[pixels[pixel + j] & 0xFF] - mean[j];
          covariance[i][j] += fromMean * other / (tissue.length - 1);
        }
      }
    }
    return covariance;
  }

  /// How much of a vector there is in a pixel's density.
  private static double along(double[] vector, byte[] pixels, int pixel) {
    return vector[0] * DENSITY[pixels[pixel] & 0xFF]
        + vector[1] * DENSITY[pixels[pixel + 1] & 0xFF]
        + vector[2] * DENSITY[pixels[pixel + 2] & 0xFF];
  }

  /// The unit vector at an angle in a plane.
  private static double[] at(double angle, double[][] plane) {
    double[] vector = new double[3];
    for (int i = 0; i < 3; i++) {
      vector[i] = Math.cos(angle) * plane[0][i] + Math.sin(angle) * plane[1][i];
    }
    return vector;
  }

  /// Least squares: the amounts of both vectors in every pixel.
  private static Optional<Stains> measured(double[][] vectors, byte[] pixels) {
    double[] a = vectors[0];
    double[] b = vectors[1];
    double aa = a[0] * a[0] + a[1] * a[1] + a[2] * a[2];
    double bb = b[0] * b[0] + b[1] * b[1] + b[2] * b[2];
    double ab = a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
    double determinant = aa * bb - ab * ab;
    if (!(Math.sqrt(determinant) > LEAST_AREA)) {
      return Optional.empty();
    }
    double[][] amounts = new double[2][pixels.length / 3];
    for (int i = 0; i < amounts[0].length; i++) {
      double alongA = along(a, pixels, 3 * i);
      double alongB = along(b, pixels, 3 * i);
      amounts[0][i] = (bb * alongA - ab * alongB) / determinant;
      amounts[1][i] = (aa * alongB - ab * alongA) / determinant;
    }
    double[] strongest = {strongest(amounts[0]), strongest(amounts[1])};
    return strongest[0] > 0 && strongest[1] > 0
        ? Optional.of(new Stains(vectors, strongest, amounts))
        : Optional.empty();
  }

  private static double strongest(double[] amounts) {
    double[] sorted = amounts.clone();
    Arrays.sort(sorted);
    return percentile(sorted, 100 - EXTREME);
  }

  /// Between the two nearest numbers, as numpy does.
  private static double percentile(double[] sorted, double percent) {
    double position = percent / 100 * (sorted.length - 1);
    int below = (int) position;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (sorted[above] - sorted[below]) * (position - below);
  }
}
