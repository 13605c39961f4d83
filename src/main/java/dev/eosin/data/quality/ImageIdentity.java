package dev.eosin.data.quality;

import dev.eosin.data.Sample;
import dev.eosin.image.Raster;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/// What tells one image from another.
///
/// @param file SHA-256 of the encoded file; none for images that are drawn
/// @param picture what it shows; none for an empty picture, and where it was not asked for
/// @param width in pixels; 0 where the image was not decoded
/// @param height in pixels; 0 where the image was not decoded
record ImageIdentity(
    Optional<String> file, Optional<PerceptualHash> picture, int width, int height) {
  /// Reads the bytes of the first image's file only.
  ///
  /// @param sample with an image
  static ImageIdentity ofFile(Sample sample) throws IOException {
    return new ImageIdentity(
        sample.images().getFirst().encoded().map(ImageIdentity::hash), Optional.empty(), 0, 0);
  }

  /// Reads and decodes the first image.
  ///
  /// @param sample with an image
  static ImageIdentity ofPicture(Sample sample) throws IOException {
    Raster image = sample.images().getFirst().read();
    return new ImageIdentity(
        sample.images().getFirst().encoded().map(ImageIdentity::hash),
        PerceptualHash.of(image),
        image.width(),
        image.height());
  }

  private static String hash(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException everyJavaHasIt) {
      throw new IllegalStateException(everyJavaHasIt);
    }
  }
}
