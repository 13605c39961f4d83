package dev.eosin.slide;

import java.util.Optional;

/// How the pieces of a slide are packed.
enum Packing {
  NONE,
  LZW,
  DEFLATE,
  JPEG,
  /// Aperio's 33003: the components are YCbCr, and the stream does not say so.
  JPEG_2000_LUMA_CHROMA,
  /// Aperio's 33005.
  JPEG_2000_RGB;

  /// What TIFF's number means; empty for what is not read.
  static Optional<Packing> of(long compression) {
    return switch ((int) compression) {
      case 1 -> Optional.of(NONE);
      case 5 -> Optional.of(LZW);
      case 7 -> Optional.of(JPEG);
      case 8, 32946 -> Optional.of(DEFLATE);
      case 33003 -> Optional.of(JPEG_2000_LUMA_CHROMA);
      case 33005, 34712 -> Optional.of(JPEG_2000_RGB);
      default -> Optional.empty();
    };
  }
}
