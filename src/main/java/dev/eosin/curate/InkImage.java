package dev.eosin.curate;

import dev.eosin.image.RgbImage;

/// An image as the strong colours in which people draw: black, white and the pure ones. Stains are
/// none of them, but for black pigment and the white of glass.
///
/// @param inks [height, width], 0 for no such colour, else its number
@SuppressWarnings("ArrayRecordComponent") // a pixel buffer: identity equality is meant
record InkImage(int width, int height, byte[] inks) {
  /// Larger images are looked at in every second pixel, or fewer.
  private static final int LONGEST = 1600;

  private static final int DARK = 45;
  private static final int LIGHT = 248;
  private static final int PURE_HIGH = 165;
  private static final int PURE_LOW = 100;

  private static final int PURE_STAIN_HIGH = 195;
  private static final int PURE_STAIN_LOW = 75;

  static InkImage of(RgbImage image) {
    int step = (Math.max(image.width(), image.height()) + LONGEST - 1) / LONGEST;
    int width = (image.width() + step - 1) / step;
    int height = (image.height() + step - 1) / step;
    byte[] inks = new byte[width * height];
    byte[] pixels = image.pixels();
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int at = 3 * (y * step * image.width() + x * step);
        inks[y * width + x] =
            (byte) ink(pixels[at] & 0xFF, pixels[at + 1] & 0xFF, pixels[at + 2] & 0xFF);
      }
    }
    return new InkImage(width, height, inks);
  }

  /// Whether red or blue is far from what stains make.
  private static boolean isPure(int high, int red, int blue) {
    return high >= PURE_STAIN_HIGH && Math.min(red, blue) <= PURE_STAIN_LOW;
  }

  /// 1 black, 2 white; of pure colours 3 and the bits of those that are high.
  private static int ink(int red, int green, int blue) {
    int high = Math.max(red, Math.max(green, blue));
    int low = Math.min(red, Math.min(green, blue));
    if (high <= DARK) {
      return 1;
    }
    if (low >= LIGHT) {
      return 2;
    }
    if (high < PURE_HIGH || low > PURE_LOW) {
      return 0;
    }
    int bits = 0;
    for (int value : new int[] {red, green, blue}) {
      if (value > PURE_LOW && value < PURE_HIGH) {
        return 0;
      }
      bits = bits << 1 | (value >= PURE_HIGH ? 1 : 0);
    }
    // Stains: eosin is magenta, and what is thick of it or of haematoxylin is nearly red or blue.
    boolean stain = bits == 0b101 || (bits == 0b100 || bits == 0b001) && !isPure(high, red, blue);
    return stain ? 0 : 2 + bits;
  }
}
