package dev.eosin.data.synthetic;

import dev.eosin.image.RgbImage;
import dev.eosin.random.RandomStream;

/// Turns stain amounts into light: Beer-Lambert, `light * exp(-(h * H + e * E))` per channel.
///
/// Source of the vectors: Ruifrok and Johnston 2001; Macenko et al. 2009 for the salmon end of
/// eosin.
final class Stain {
  private static final double[] HAEMATOXYLIN = {0.650, 0.704, 0.286};
  private static final double[] HAEMATOXYLIN_MACENKO = {0.563, 0.720, 0.406};
  private static final double[] EOSIN_RUIFROK = {0.072, 0.990, 0.105};
  private static final double[] EOSIN_MACENKO = {0.216, 0.801, 0.558};

  /// The darkest density told apart: e^-8 is no light at 8 bits.
  private static final int DARKEST = 8;

  private static final int STEPS_PER_UNIT = 256;
  private static final float[] TRANSMISSION = transmission();

  private final Appearance look;
  private final double[] blue;
  private final double[] pink;

  private Stain(Appearance look, double[] blue, double[] pink) {
    this.look = look;
    this.blue = blue;
    this.pink = pink;
  }

  /// As slides vary.
  static Stain natural(Appearance look) {
    double tilt = 0.5 + 0.5 * look.hueShift();
    return new Stain(
        look,
        scaled(mixed(HAEMATOXYLIN, HAEMATOXYLIN_MACENKO, tilt), look.haematoxylin()),
        scaled(mixed(EOSIN_RUIFROK, EOSIN_MACENKO, look.eosinHue()), look.eosin()));
  }

  /// In one of the bands of [Facts]: both stains have its colour, so that it shows on any tissue.
  static Stain banded(Appearance look, StainBand band) {
    return new Stain(
        look, times(band.blue(), look.haematoxylin()), times(band.pink(), look.eosin()));
  }

  private static double[] times(double[] vector, double strength) {
    return new double[] {vector[0] * strength, vector[1] * strength, vector[2] * strength};
  }

  private static double[] mixed(double[] from, double[] to, double share) {
    double[] mixed = new double[3];
    for (int channel = 0; channel < 3; channel++) {
      mixed[channel] = from[channel] + (to[channel] - from[channel]) * share;
    }
    return mixed;
  }

  private static double[] scaled(double[] vector, double strength) {
    double length = StrictMath.hypot(StrictMath.hypot(vector[0], vector[1]), vector[2]);
    return new double[] {
      vector[0] / length * strength, vector[1] / length * strength, vector[2] / length * strength
    };
  }

  /// Develops a painted tile, with the sensor's grain.
  RgbImage develop(Canvas canvas, RandomStream random) {
    int size = canvas.size();
    byte[] pixels = new byte[3 * size * size];
    for (int i = 0; i < size * size; i++) {
      double h = Math.max(0, canvas.haematoxylin()[i]);
      double e = Math.max(0, canvas.eosin()[i]);
      long bits = random.nextLong();
      for (int channel = 0; channel < 3; channel++) {
        double light = 255 * look.light() * transmission(h * blue[channel] + e * pink[channel]);
        double noise = grain(bits >>> (21 * channel)) * look.grain();
        pixels[3 * i + channel] = (byte) Math.clamp(Math.round(light + noise), 0, 255);
      }
    }
    return new RgbImage(size, size, pixels);
  }

  private static float[] transmission() {
    float[] table = new float[DARKEST * STEPS_PER_UNIT + 2];
    for (int i = 0; i < table.length; i++) {
      table[i] = (float) StrictMath.exp(-(double) i / STEPS_PER_UNIT);
    }
    return table;
  }

  /// e to the power of minus `density`, interpolated.
  private static double transmission(double density) {
    double position = Math.min(density, DARKEST) * STEPS_PER_UNIT;
    int step = (int) position;
    return TRANSMISSION[step] + (TRANSMISSION[step + 1] - TRANSMISSION[step]) * (position - step);
  }

  /// The sum of three even numbers from 21 bits: near enough to a Gaussian of deviation 1.
  private static double grain(long bits) {
    long sum = (bits & 0x7F) + (bits >>> 7 & 0x7F) + (bits >>> 14 & 0x7F);
    return (sum - 190.5) / 64;
  }
}
