package dev.eosin.image.formats;

import dev.eosin.image.Raster;
import dev.eosin.image.RgbImage;

/// Turns stored pixels by EXIF's eight orientations, in the image's own colour mode.
///
/// Source: Exif 2.3, tag 0x0112; the result is Pillow's `exif_transpose`.
final class Upright {
  private Upright() {}

  /// @param orientation 1 to 8: which edges the first row and the first column of the file are
  static Raster turn(Raster image, int orientation) {
    if (orientation == 1) {
      return image;
    }
    int[] sources = sources(image.width(), image.height(), orientation);
    int width = orientation > 4 ? image.height() : image.width();
    int height = orientation > 4 ? image.width() : image.height();
    return switch (image) {
      case RgbImage rgb -> new RgbImage(width, height, gather(rgb.pixels(), 3, sources));
      case Raster.Bands bands ->
          new Raster.Bands(
              bands.mode(), width, height, gather(bands.samples(), bands.mode().bands(), sources));
      case Raster.Paletted paletted ->
          new Raster.Paletted(
              width, height, gather(paletted.indices(), 1, sources), paletted.palette());
      case Raster.Grey16 grey -> new Raster.Grey16(width, height, gather(grey.samples(), sources));
    };
  }

  /// For every pixel of the result, row by row, the pixel of the file.
  private static int[] sources(int width, int height, int orientation) {
    int right = width - 1;
    int bottom = height - 1;
    int[] sources = new int[width * height];
    int resultWidth = orientation > 4 ? height : width;
    for (int i = 0; i < sources.length; i++) {
      int x = i % resultWidth;
      int y = i / resultWidth;
      sources[i] =
          switch (orientation) {
            case 2 -> y * width + right - x;
            case 3 -> (bottom - y) * width + right - x;
            case 4 -> (bottom - y) * width + x;
            case 5 -> x * width + y;
            case 6 -> (bottom - x) * width + y;
            case 7 -> (bottom - x) * width + right - y;
            case 8 -> x * width + right - y;
            default -> throw new IllegalArgumentException("orientation " + orientation);
          };
    }
    return sources;
  }

  private static byte[] gather(byte[] samples, int bands, int[] sources) {
    byte[] result = new byte[samples.length];
    for (int i = 0; i < sources.length; i++) {
      System.arraycopy(samples, sources[i] * bands, result, i * bands, bands);
    }
    return result;
  }

  private static short[] gather(short[] samples, int[] sources) {
    short[] result = new short[samples.length];
    for (int i = 0; i < sources.length; i++) {
      result[i] = samples[sources[i]];
    }
    return result;
  }
}
