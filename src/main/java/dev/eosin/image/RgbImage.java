package dev.eosin.image;

/// An 8-bit RGB image in memory.
///
/// @param width in pixels
/// @param height in pixels
/// @param pixels [height, width, 3] uint8, row by row, owned by this image
@SuppressWarnings("ArrayRecordComponent") // a pixel buffer: identity equality is meant
public record RgbImage(int width, int height, byte[] pixels) implements Raster {
  public RgbImage {
    if (width < 1 || height < 1 || pixels.length != 3L * width * height) {
      throw new IllegalArgumentException(
          "an image of %d x %d px needs %d bytes, got %d"
              .formatted(width, height, 3L * width * height, pixels.length));
    }
  }

  @Override
  public RgbImage toRgb() {
    return this;
  }

  /// Writes the pixels as [3, height, width] into `target`, from `offset` on.
  public void writePlanar(byte[] target, int offset) {
    int plane = width * height;
    for (int i = 0, j = 0; i < plane; i++, j += 3) {
      target[offset + i] = pixels[j];
      target[offset + plane + i] = pixels[j + 1];
      target[offset + 2 * plane + i] = pixels[j + 2];
    }
  }
}
