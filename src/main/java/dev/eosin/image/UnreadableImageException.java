package dev.eosin.image;

import java.io.IOException;

/// Why bytes are not an image that can be used, without the file's name.
public final class UnreadableImageException extends IOException {
  public UnreadableImageException(String message) {
    super(message);
  }

  /// @throws UnreadableImageException when there are no pixels, or more than allowed
  public static void requireSize(long width, long height, long maxPixels)
      throws UnreadableImageException {
    if (width < 1 || height < 1) {
      throw new UnreadableImageException("an image of %d x %d px".formatted(width, height));
    }
    if (width > maxPixels / height) {
      throw new UnreadableImageException(
          "an image of %d x %d px is larger than the limit of %d pixels; cut it into tiles"
              .formatted(width, height, maxPixels));
    }
  }
}
