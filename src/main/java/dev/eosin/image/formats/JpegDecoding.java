package dev.eosin.image.formats;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// How JPEG files are decoded.
///
/// @param library used where it is present; the JDK's libjpeg otherwise
/// @param enough in pixels: JPEGs may be decoded at 1/2, 1/4 or 1/8 of their size as long as no
///   side becomes shorter than this; exactly, when empty. Needs the library.
public record JpegDecoding(Optional<TurboJpeg> library, OptionalInt enough) {
  /// The JDK's decoder, exactly.
  public static final JpegDecoding JDK = new JpegDecoding(Optional.empty(), OptionalInt.empty());

  private static final List<Integer> REDUCTIONS = List.of(8, 4, 2);

  /// `data.image.jpeg-decode`.
  public enum Mode {
    /// The pixels of Pillow.
    EXACT,
    /// As few pixels as the input needs: other pixels, about twice as fast, with libturbojpeg only.
    FAST
  }

  /// What the size of an image is divided by.
  int reduction(int width, int height) {
    if (enough.isEmpty()) {
      return 1;
    }
    int shorter = Math.min(width, height);
    return REDUCTIONS.stream()
        .filter(divisor -> shorter / divisor >= enough.getAsInt())
        .findFirst()
        .orElse(1);
  }

  /// The same at full size.
  JpegDecoding exact() {
    return new JpegDecoding(library, OptionalInt.empty());
  }
}
