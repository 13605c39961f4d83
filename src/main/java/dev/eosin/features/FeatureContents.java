package dev.eosin.features;

import dev.eosin.image.transforms.Normalisation;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// All that an image's features depend on besides its pixels.
///
/// @param weights digest of the tower's
/// @param tower what it is: kind and sizes, for the text
/// @param layer number of blocks behind which tokens are read
/// @param tokens n of an image
/// @param width c, the tower's hidden size
/// @param compute the type that it computes in
/// @param normalisation of the pixels
/// @param type of the features on disk
public record FeatureContents(
    String weights,
    String tower,
    int layer,
    int tokens,
    int width,
    String compute,
    Normalisation normalisation,
    FeatureType type) {
  private static final int NAME_DIGITS = 32;

  /// Of one image.
  public long bytes() {
    return (long) tokens * width * type.elements().bytes();
  }

  /// For people, and for [#name].
  public String text() {
    return """
        weights: %s
        tower: %s
        layer: %d
        features: %d x %d
        computed in: %s
        mean: %s
        std: %s
        kept in: %s
        """
        .formatted(
            weights,
            tower,
            layer,
            tokens,
            width,
            compute,
            normalisation.mean(),
            normalisation.std(),
            type);
  }

  /// Of the folder: no two contents share one.
  public String name() {
    MessageDigest digest = sha256();
    digest.update(text().getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(digest.digest()).substring(0, NAME_DIGITS);
  }

  /// What an image is known by: the digest of its pixels as they enter the tower, so that it says
  /// all of what decoding and fitting made of a file.
  ///
  /// @param pixels uint8 of several images [m,3,h,w]
  /// @param image which of them
  public static String key(byte[] pixels, int image, int height, int width) {
    MessageDigest digest = sha256();
    digest.update("%d x %d\n".formatted(height, width).getBytes(StandardCharsets.UTF_8));
    int bytes = 3 * height * width;
    digest.update(pixels, Math.multiplyExact(image, bytes), bytes);
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
