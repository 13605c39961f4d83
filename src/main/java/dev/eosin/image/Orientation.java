package dev.eosin.image;

/// Mirrors and turns images without interpolation.
public final class Orientation {
  private Orientation() {}

  /// Left becomes right.
  public static RgbImage mirrored(RgbImage image) {
    byte[] target = new byte[image.pixels().length];
    for (int y = 0; y < image.height(); y++) {
      for (int x = 0; x < image.width(); x++) {
        copy(image, x, y, target, y * image.width() + image.width() - 1 - x);
      }
    }
    return new RgbImage(image.width(), image.height(), target);
  }

  /// Counter-clockwise.
  ///
  /// @param quarters 0 to 3 quarter turns
  public static RgbImage turned(RgbImage image, int quarters) {
    int width = image.width();
    int height = image.height();
    byte[] target = new byte[image.pixels().length];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int pixel =
            switch (quarters) {
              case 0 -> y * width + x;
              case 1 -> (width - 1 - x) * height + y;
              case 2 -> (height - 1 - y) * width + width - 1 - x;
              case 3 -> x * height + height - 1 - y;
              default -> throw new IllegalArgumentException(quarters + " quarter turns");
            };
        copy(image, x, y, target, pixel);
      }
    }
    boolean swapped = quarters % 2 == 1;
    return new RgbImage(swapped ? height : width, swapped ? width : height, target);
  }

  private static void copy(RgbImage image, int x, int y, byte[] target, int pixel) {
    System.arraycopy(image.pixels(), 3 * (y * image.width() + x), target, 3 * pixel, 3);
  }
}
