package dev.eosin.image.augmentation;

import dev.eosin.image.RgbImage;

/// Pillow's changes of colour, equal to the last bit: `ImageEnhance` and the hue of `HSV`.
final class Colours {
  private Colours() {}

  /// Blends with black.
  static RgbImage brightness(RgbImage tile, double factor) {
    return blend(tile, new byte[tile.pixels().length], factor);
  }

  /// Blends with the mean grey.
  static RgbImage contrast(RgbImage tile, double factor) {
    byte[] luma = luma(tile);
    long sum = 0;
    for (byte value : luma) {
      sum += value & 0xFF;
    }
    byte mean = (byte) (int) ((double) sum / luma.length + 0.5);
    byte[] grey = new byte[tile.pixels().length];
    java.util.Arrays.fill(grey, mean);
    return blend(tile, grey, factor);
  }

  /// Blends with the tile's own greys; 0 leaves nothing but them.
  static RgbImage saturation(RgbImage tile, double factor) {
    byte[] luma = luma(tile);
    byte[] grey = new byte[tile.pixels().length];
    for (int i = 0; i < grey.length; i++) {
      grey[i] = luma[i / 3];
    }
    return blend(tile, grey, factor);
  }

  /// Turns the hue.
  ///
  /// @param share of the circle, -0.5 to 0.5
  static RgbImage hue(RgbImage tile, double share) {
    int turn = (int) (share * 255);
    byte[] source = tile.pixels();
    byte[] result = new byte[source.length];
    int[] pixel = new int[3];
    for (int i = 0; i < source.length; i += 3) {
      toHueSaturationValue(source, i, pixel);
      pixel[0] = pixel[0] + turn & 0xFF;
      toRgb(pixel, result, i);
    }
    return new RgbImage(tile.width(), tile.height(), result);
  }

  /// Pillow's luma: 16-bit fixed point.
  private static byte[] luma(RgbImage tile) {
    byte[] pixels = tile.pixels();
    byte[] luma = new byte[pixels.length / 3];
    for (int i = 0, j = 0; i < luma.length; i++, j += 3) {
      int sum =
          (pixels[j] & 0xFF) * 19595
              + (pixels[j + 1] & 0xFF) * 38470
              + (pixels[j + 2] & 0xFF) * 7471;
      luma[i] = (byte) (sum + 0x8000 >> 16);
    }
    return luma;
  }

  /// `from + factor (tile - from)`, cut to a whole number, in single precision as Pillow computes.
  private static RgbImage blend(RgbImage tile, byte[] from, double factor) {
    byte[] pixels = tile.pixels();
    byte[] result = new byte[pixels.length];
    float share = (float) factor;
    for (int i = 0; i < pixels.length; i++) {
      int start = from[i] & 0xFF;
      float value = start + share * ((pixels[i] & 0xFF) - start);
      result[i] = (byte) (int) Math.clamp(value, 0f, 255f);
    }
    return new RgbImage(tile.width(), tile.height(), result);
  }

  private static void toHueSaturationValue(byte[] pixels, int at, int[] target) {
    int red = pixels[at] & 0xFF;
    int green = pixels[at + 1] & 0xFF;
    int blue = pixels[at + 2] & 0xFF;
    int most = Math.max(red, Math.max(green, blue));
    int least = Math.min(red, Math.min(green, blue));
    target[2] = most;
    target[0] = 0;
    target[1] = 0;
    if (most == least) {
      return;
    }
    float range = most - least;
    float saturation = range / most;
    float fromRed = (most - red) / range;
    float fromGreen = (most - green) / range;
    float fromBlue = (most - blue) / range;
    float hue;
    if (red == most) {
      hue = fromBlue - fromGreen;
    } else if (green == most) {
      hue = (float) (2.0 + fromRed - fromBlue);
    } else {
      hue = (float) (4.0 + fromGreen - fromRed);
    }
    hue = (float) ((hue / 6.0 + 1.0) % 1.0);
    target[0] = Math.clamp((int) (hue * 255.0), 0, 255);
    target[1] = Math.clamp((int) (saturation * 255.0), 0, 255);
  }

  private static void toRgb(int[] pixel, byte[] target, int at) {
    int value = pixel[2];
    int sector = (int) Math.floor((float) pixel[0] * 6.0 / 255.0);
    float part = (float) ((float) pixel[0] * 6.0 / 255.0 - (float) sector);
    float saturation = (float) (pixel[1] / 255.0);
    int p = rounded(value * (1.0 - saturation));
    int q = rounded(value * (1.0 - saturation * part));
    int t = rounded(value * (1.0 - saturation * (1.0 - part)));
    switch (sector % 6) {
      case 0 -> put(target, at, value, t, p);
      case 1 -> put(target, at, q, value, p);
      case 2 -> put(target, at, p, value, t);
      case 3 -> put(target, at, p, q, value);
      case 4 -> put(target, at, t, p, value);
      default -> put(target, at, value, p, q);
    }
  }

  private static int rounded(double value) {
    return Math.clamp((int) Math.floor(value + 0.5), 0, 255);
  }

  private static void put(byte[] target, int at, int red, int green, int blue) {
    target[at] = (byte) red;
    target[at + 1] = (byte) green;
    target[at + 2] = (byte) blue;
  }
}
