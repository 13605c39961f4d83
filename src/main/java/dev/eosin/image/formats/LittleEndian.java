package dev.eosin.image.formats;

import dev.eosin.image.UnreadableImageException;
import java.util.Arrays;

/// The numbers of a file whose low bytes come first.
///
/// @param what stands for the file in messages, for example BMP
@SuppressWarnings("ArrayRecordComponent") // the file's bytes, shared: identity equality is meant
record LittleEndian(byte[] bytes, String what) {
  /// @throws UnreadableImageException behind the end
  int unsignedByte(long position) throws UnreadableImageException {
    require(position, 1);
    return bytes[(int) position] & 0xFF;
  }

  /// @throws UnreadableImageException behind the end
  int unsignedShort(long position) throws UnreadableImageException {
    require(position, 2);
    return unsignedByte(position) | unsignedByte(position + 1) << 8;
  }

  /// @throws UnreadableImageException behind the end
  int signedInt(long position) throws UnreadableImageException {
    require(position, 4);
    return unsignedShort(position) | unsignedShort(position + 2) << 16;
  }

  /// @throws UnreadableImageException behind the end
  long unsignedInt(long position) throws UnreadableImageException {
    return Integer.toUnsignedLong(signedInt(position));
  }

  /// A part of the file.
  ///
  /// @throws UnreadableImageException when it goes past the end
  byte[] part(long position, int length) throws UnreadableImageException {
    require(position, length);
    return Arrays.copyOfRange(bytes, (int) position, (int) position + length);
  }

  /// @throws UnreadableImageException when the file ends before
  void require(long position, long length) throws UnreadableImageException {
    if (position < 0 || position + length > bytes.length) {
      throw new UnreadableImageException(
          "truncated %s: it has %d bytes and should have at least %d"
              .formatted(what, bytes.length, position + length));
    }
  }
}
