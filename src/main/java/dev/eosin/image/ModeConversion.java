package dev.eosin.image;

/// Pillow's integer conversions between colour modes.
public final class ModeConversion {
  private ModeConversion() {}

  static byte[] toRgb(Raster.Mode mode, byte[] samples) {
    return switch (mode) {
      case GREY -> spreadFirstBand(samples, 1);
      case GREY_ALPHA -> spreadFirstBand(samples, 2);
      case RGB_ALPHA -> dropAlpha(samples);
      case CMYK -> cmykToRgb(samples);
      case LAB -> LabColours.toRgb(samples);
    };
  }

  static byte[] lookUp(byte[] indices, byte[] palette) {
    byte[] rgb = new byte[3 * indices.length];
    for (int i = 0; i < indices.length; i++) {
      System.arraycopy(palette, 3 * (indices[i] & 0xFF), rgb, 3 * i, 3);
    }
    return rgb;
  }

  static byte[] firstBand(byte[] indices, byte[] palette) {
    byte[] band = new byte[indices.length];
    for (int i = 0; i < indices.length; i++) {
      band[i] = palette[3 * (indices[i] & 0xFF)];
    }
    return band;
  }

  static byte[] clipToRgb(short[] samples) {
    byte[] rgb = new byte[3 * samples.length];
    for (int i = 0; i < samples.length; i++) {
      byte value = (byte) Math.min(samples[i] & 0xFFFF, 255);
      rgb[3 * i] = value;
      rgb[3 * i + 1] = value;
      rgb[3 * i + 2] = value;
    }
    return rgb;
  }

  /// Colour times alpha, so that resizing does not let the colour of transparent pixels bleed in.
  /// The last band is the alpha.
  static byte[] premultiply(byte[] samples, int bands) {
    byte[] result = new byte[samples.length];
    for (int i = 0; i < samples.length; i += bands) {
      int alpha = samples[i + bands - 1] & 0xFF;
      for (int band = 0; band < bands - 1; band++) {
        result[i + band] = (byte) productOver255(samples[i + band] & 0xFF, alpha);
      }
      result[i + bands - 1] = (byte) alpha;
    }
    return result;
  }

  /// Undoes [#premultiply], in place, with truncation as in Pillow.
  static void unpremultiply(byte[] samples, int bands) {
    for (int i = 0; i < samples.length; i += bands) {
      int alpha = samples[i + bands - 1] & 0xFF;
      if (alpha == 0 || alpha == 255) {
        continue;
      }
      for (int band = 0; band < bands - 1; band++) {
        samples[i + band] = (byte) Math.min(255 * (samples[i + band] & 0xFF) / alpha, 255);
      }
    }
  }

  /// Undoes a multiplication with alpha that the file holds, in place; what is fully transparent
  /// becomes black. The fourth band is the alpha.
  public static void divideByAlpha(byte[] samples) {
    unpremultiply(samples, 4);
    for (int i = 0; i < samples.length; i += 4) {
      if (samples[i + 3] == 0) {
        samples[i] = 0;
        samples[i + 1] = 0;
        samples[i + 2] = 0;
      }
    }
  }

  /// Signed a* and b* become those plus 128, in place.
  public static void signToOffset(byte[] lab) {
    for (int i = 0; i < lab.length; i += 3) {
      lab[i + 1] ^= (byte) 0x80;
      lab[i + 2] ^= (byte) 0x80;
    }
  }

  private static byte[] spreadFirstBand(byte[] samples, int bands) {
    byte[] rgb = new byte[3 * (samples.length / bands)];
    for (int i = 0, j = 0; j < rgb.length; i += bands, j += 3) {
      rgb[j] = samples[i];
      rgb[j + 1] = samples[i];
      rgb[j + 2] = samples[i];
    }
    return rgb;
  }

  private static byte[] dropAlpha(byte[] samples) {
    byte[] rgb = new byte[3 * (samples.length / 4)];
    for (int i = 0, j = 0; j < rgb.length; i += 4, j += 3) {
      rgb[j] = samples[i];
      rgb[j + 1] = samples[i + 1];
      rgb[j + 2] = samples[i + 2];
    }
    return rgb;
  }

  private static byte[] cmykToRgb(byte[] samples) {
    byte[] rgb = new byte[3 * (samples.length / 4)];
    for (int i = 0, j = 0; j < rgb.length; i += 4, j += 3) {
      int light = 255 - (samples[i + 3] & 0xFF);
      for (int band = 0; band < 3; band++) {
        rgb[j + band] = (byte) (light - productOver255(samples[i + band] & 0xFF, light));
      }
    }
    return rgb;
  }

  /// `a * b / 255`, rounded to the nearest integer, without a division.
  private static int productOver255(int a, int b) {
    int product = a * b + 128;
    return ((product >> 8) + product) >> 8;
  }
}
