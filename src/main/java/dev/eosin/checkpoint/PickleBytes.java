package dev.eosin.checkpoint;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// A position in the bytes of one or several pickles. No length that they give is believed before
/// it is compared with the bytes that are left.
final class PickleBytes {
  /// Longer names of modules and classes are nobody's.
  private static final int LONGEST_LINE = 1_000;

  /// Neither are longer names of tensors.
  private static final long LONGEST_TEXT = 1 << 20;

  private static final ValueLayout.OfDouble BIG_ENDIAN =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private final MemorySegment bytes;
  private long position;

  PickleBytes(MemorySegment bytes) {
    this.bytes = bytes;
  }

  long position() {
    return position;
  }

  int unsigned8() throws MalformedFile {
    return Byte.toUnsignedInt(bytes.get(ValueLayout.JAVA_BYTE, skip(1)));
  }

  int unsigned16() throws MalformedFile {
    return Short.toUnsignedInt(bytes.get(TensorData.SHORT, skip(2)));
  }

  int signed32() throws MalformedFile {
    return bytes.get(TensorData.INT, skip(4));
  }

  long unsigned32() throws MalformedFile {
    return Integer.toUnsignedLong(signed32());
  }

  long signed64() throws MalformedFile {
    return bytes.get(TensorData.LONG, skip(8));
  }

  double bigEndianDouble() throws MalformedFile {
    return bytes.get(BIG_ENDIAN, skip(8));
  }

  /// A little-endian two's complement number; one of more than 64 bits is passed over.
  Pickled whole(long length) throws MalformedFile {
    long at = skip(length);
    if (length > 8) {
      return Pickled.Plain.IGNORED;
    }
    long value = 0;
    for (long i = length - 1; i >= 0; i--) {
      byte digit = bytes.get(ValueLayout.JAVA_BYTE, at + i);
      value = i == length - 1 ? digit : value << 8 | Byte.toUnsignedLong(digit);
    }
    return new Pickled.Whole(value);
  }

  /// UTF-8; what is none becomes a replacement character.
  Pickled text(long length) throws MalformedFile {
    if (length > LONGEST_TEXT) {
      throw new MalformedFile("the pickle has a text of " + length + " bytes");
    }
    MemorySegment text = slice(length);
    return new Pickled.Text(
        new String(text.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8));
  }

  /// Up to the next line feed, which is passed.
  String line() throws MalformedFile {
    long begin = position;
    while (unsigned8() != '\n') {
      if (position - begin > LONGEST_LINE) {
        throw new MalformedFile("the pickle has a name of more than " + LONGEST_LINE + " bytes");
      }
    }
    byte[] line = bytes.asSlice(begin, position - 1 - begin).toArray(ValueLayout.JAVA_BYTE);
    return new String(line, StandardCharsets.UTF_8);
  }

  /// The next bytes, passed.
  MemorySegment slice(long length) throws MalformedFile {
    return bytes.asSlice(skip(length), length);
  }

  /// Compares a length with what is left.
  void length(long length) throws MalformedFile {
    if (length < 0 || length > bytes.byteSize() - position) {
      throw new MalformedFile(
          "%s bytes are needed at byte %d, but only %d follow; is the file truncated?"
              .formatted(Long.toUnsignedString(length), position, bytes.byteSize() - position));
    }
  }

  /// Passes bytes.
  ///
  /// @return where they begin
  long skip(long length) throws MalformedFile {
    length(length);
    long begin = position;
    position += length;
    return begin;
  }

  /// What is left, not passed.
  MemorySegment rest() {
    return bytes.asSlice(position);
  }

  boolean atEnd() {
    return position == bytes.byteSize();
  }
}
