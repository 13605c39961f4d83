package dev.eosin.image.slides;

import dev.eosin.image.UnreadableImageException;
import java.nio.ByteBuffer;

/// What a JPEG 2000 code stream says of its size, before anything is reserved for it.
///
/// Source: ISO/IEC 15444-1, A.5.1 (SIZ).
///
/// @param depth bits of the deepest component, more than 128 for a signed one
record Jpeg2000Header(long width, long height, int components, int depth) {
  private static final int START = 0xFF4FFF51;
  private static final int SHORTEST = 43;
  private static final int BYTE = 8;

  /// @throws UnreadableImageException when it is no code stream
  static Jpeg2000Header parse(byte[] stream) throws UnreadableImageException {
    ByteBuffer bytes = ByteBuffer.wrap(stream);
    if (stream.length < SHORTEST || bytes.getInt(0) != START) {
      throw new UnreadableImageException("corrupt piece: it does not begin as JPEG 2000 does");
    }
    long width = unsigned(bytes, 8) - unsigned(bytes, 16);
    long height = unsigned(bytes, 12) - unsigned(bytes, 20);
    int components = bytes.getShort(40) & 0xFFFF;
    int depth = 0;
    for (int at = 42; at < Math.min(stream.length, 42 + 3 * components); at += 3) {
      depth = Math.max(depth, (bytes.get(at) & 0xFF) + 1);
    }
    return new Jpeg2000Header(width, height, components, depth);
  }

  private static long unsigned(ByteBuffer bytes, int at) {
    return bytes.getInt(at) & 0xFFFFFFFFL;
  }

  /// @throws UnreadableImageException when it is an image of another size or kind
  void require(int wantedWidth, int wantedHeight) throws UnreadableImageException {
    if (width != wantedWidth || height != wantedHeight) {
      throw new UnreadableImageException(
          "corrupt piece: a JPEG 2000 stream of %d x %d px where %d x %d px belong"
              .formatted(width, height, wantedWidth, wantedHeight));
    }
    if (depth != BYTE || components != 1 && components != 3) {
      throw new UnreadableImageException(
          "JPEG 2000 of %d components of %d bits; 1 or 3 of 8 bits are read"
              .formatted(components, depth));
    }
  }
}
