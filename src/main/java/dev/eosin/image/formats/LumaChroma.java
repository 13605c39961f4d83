package dev.eosin.image.formats;

/// JPEG's YCbCr to RGB with libjpeg's 16-bit fixed-point tables.
public final class LumaChroma {
  private static final int HALF = 1 << 15;

  private LumaChroma() {}

  /// Converts the first three bands of every pixel in place.
  ///
  /// With four bands these are luma and chroma of 255 minus ink (Adobe's YCCK). libjpeg inverts
  /// them to inks and Pillow inverts all four once more; so does this.
  public static void toRgb(byte[] samples, int bands) {
    for (int i = 0; i < samples.length; i += bands) {
      int luma = samples[i] & 0xFF;
      int blueChroma = (samples[i + 1] & 0xFF) - 128;
      int redChroma = (samples[i + 2] & 0xFF) - 128;
      samples[i] = clip(luma + ((91881 * redChroma + HALF) >> 16));
      samples[i + 1] = clip(luma + ((-22554 * blueChroma - 46802 * redChroma + HALF) >> 16));
      samples[i + 2] = clip(luma + ((116130 * blueChroma + HALF) >> 16));
      if (bands == 4) {
        samples[i + 3] = (byte) ~samples[i + 3];
      }
    }
  }

  private static byte clip(int value) {
    return (byte) Math.max(0, Math.min(value, 255));
  }
}
