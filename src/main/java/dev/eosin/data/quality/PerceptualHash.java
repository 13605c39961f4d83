package dev.eosin.data.quality;

import dev.eosin.image.Filter;
import dev.eosin.image.Raster;
import dev.eosin.image.Resize;
import dev.eosin.image.RgbImage;
import java.util.Optional;
import java.util.stream.LongStream;

/// 63 bits that a picture keeps when it is saved again, resized a little, or recoloured: the signs
/// of its lowest frequencies.
///
/// The picture is made grey and 32 x 32; of its two-dimensional cosine transform the 8 x 8 lowest
/// frequencies but the mean are kept. Mirroring negates every odd frequency of one axis and turning
/// swaps the axes, so the hashes of all eight orientations follow from one transform: copies turned
/// by quarter turns and mirrored, as augmented data sets contain them, are found too.
///
/// Source: the DCT hash of Zauner, Implementation and Benchmarking of Perceptual Image Hash
/// Functions (2010), with signs in place of its median so that mirroring stays exact.
///
/// @param bits of the upright picture
/// @param orientations of its eight orientations, the upright one first
@SuppressWarnings("ArrayRecordComponent") // never compared by equals
public record PerceptualHash(long bits, long[] orientations) {
  /// Bits that can differ.
  public static final int LENGTH = 63;

  private static final int SIDE = 32;
  private static final int FREQUENCIES = 8;

  /// Below this spread, in grey levels, a picture has no structure to recognise: blank glass equals
  /// all blank glass.
  private static final double FLAT = 4;

  private static final double[][] COSINES = cosines();

  /// The hash of a picture; none for one that is nearly of one colour.
  public static Optional<PerceptualHash> of(Raster image) {
    Resize shrink = Resize.whole(image.width(), image.height(), SIDE, SIDE, Filter.BILINEAR);
    double[] grey = grey(shrink.apply(image).toRgb());
    if (spread(grey) < FLAT) {
      return Optional.empty();
    }
    double[][] spectrum = lowest(grey);
    long[] all = new long[8];
    for (int orientation = 0; orientation < all.length; orientation++) {
      all[orientation] = bits(spectrum, orientation);
    }
    return Optional.of(new PerceptualHash(all[0], all));
  }

  /// Bits in which another picture differs from this one in its most similar orientation, 0 to 63.
  public int distance(PerceptualHash other) {
    return LongStream.of(orientations)
        .mapToInt(oriented -> Long.bitCount(oriented ^ other.bits))
        .min()
        .orElse(LENGTH);
  }

  private static double[] grey(RgbImage image) {
    double[] grey = new double[SIDE * SIDE];
    byte[] pixels = image.pixels();
    for (int i = 0; i < grey.length; i++) {
      grey[i] =
          0.299 * (pixels[3 * i] & 0xFF)
              + 0.587 * (pixels[3 * i + 1] & 0xFF)
              + 0.114 * (pixels[3 * i + 2] & 0xFF);
    }
    return grey;
  }

  private static double spread(double[] grey) {
    double sum = 0;
    double squares = 0;
    for (double level : grey) {
      sum += level;
      squares += level * level;
    }
    double mean = sum / grey.length;
    return Math.sqrt(Math.max(0, squares / grey.length - mean * mean));
  }

  /// [row frequency, column frequency]
  private static double[][] lowest(double[] grey) {
    double[][] columns = new double[SIDE][FREQUENCIES];
    for (int row = 0; row < SIDE; row++) {
      for (int u = 0; u < FREQUENCIES; u++) {
        for (int column = 0; column < SIDE; column++) {
          columns[row][u] += grey[row * SIDE + column] * COSINES[u][column];
        }
      }
    }
    double[][] spectrum = new double[FREQUENCIES][FREQUENCIES];
    for (int v = 0; v < FREQUENCIES; v++) {
      for (int u = 0; u < FREQUENCIES; u++) {
        for (int row = 0; row < SIDE; row++) {
          spectrum[v][u] += columns[row][u] * COSINES[v][row];
        }
      }
    }
    return spectrum;
  }

  /// @param orientation bit 0 mirrors left and right, bit 1 top and bottom, bit 2 swaps the axes
  private static long bits(double[][] spectrum, int orientation) {
    long bits = 0;
    for (int v = 0; v < FREQUENCIES; v++) {
      for (int u = 0; u < FREQUENCIES; u++) {
        double value = (orientation & 4) == 0 ? spectrum[v][u] : spectrum[u][v];
        boolean negated = (orientation & u & 1) != 0 ^ (orientation >> 1 & v & 1) != 0;
        boolean positive = negated ? value < 0 : value > 0;
        if (positive && u + v > 0) {
          bits |= 1L << (v * FREQUENCIES + u);
        }
      }
    }
    return bits;
  }

  private static double[][] cosines() {
    double[][] cosines = new double[FREQUENCIES][SIDE];
    for (int u = 0; u < FREQUENCIES; u++) {
      for (int x = 0; x < SIDE; x++) {
        cosines[u][x] = Math.cos(Math.PI * u * (2 * x + 1) / (2.0 * SIDE));
      }
    }
    return cosines;
  }
}
