package dev.eosin.data.shard;

import dev.eosin.config.DataException;
import java.nio.charset.StandardCharsets;

/// One header block of a tar file (POSIX.1-1988 ustar, GNU and the older v7): 512 bytes before each
/// member's body.
///
/// @param name the member's name, its prefix included
/// @param size of the body, in bytes
/// @param type the type flag: `0` for a file
record TarBlock(String name, long size, char type) {
  /// Size of headers, and what bodies are padded to.
  static final int BYTES = 512;

  private static final int NAME_BYTES = 100;
  private static final int SIZE_AT = 124;
  private static final int CHECKSUM_AT = 148;
  private static final int TYPE_AT = 156;
  private static final int MAGIC_AT = 257;
  private static final int PREFIX_AT = 345;
  private static final int PREFIX_BYTES = 155;
  private static final int NUMBER_BYTES = 12;
  private static final int CHECKSUM_BYTES = 8;

  /// Reads the header that starts at `at`.
  ///
  /// @throws DataException with the reason alone, when this is no header
  static TarBlock parse(byte[] bytes, int at) throws DataException {
    checkSum(bytes, at);
    long size = number(bytes, at + SIZE_AT, NUMBER_BYTES, "size");
    String name = text(bytes, at, NAME_BYTES);
    boolean posix = "ustar\0".equals(latin(bytes, at + MAGIC_AT, 6));
    String prefix = posix ? text(bytes, at + PREFIX_AT, PREFIX_BYTES) : "";
    char type = (char) (bytes[at + TYPE_AT] & 0xFF);
    return new TarBlock(
        prefix.isEmpty() ? name : prefix + "/" + name, size, type == 0 ? '0' : type);
  }

  static boolean isEmpty(byte[] bytes, int at) {
    for (int i = at; i < at + BYTES; i++) {
      if (bytes[i] != 0) {
        return false;
      }
    }
    return true;
  }

  /// The body's size with its padding.
  long paddedSize() {
    return (size + BYTES - 1) / BYTES * BYTES;
  }

  private static void checkSum(byte[] bytes, int at) throws DataException {
    // Some old writers summed signed bytes; readers accept both.
    long unsigned = 0;
    long signed = 0;
    for (int i = 0; i < BYTES; i++) {
      boolean own = i >= CHECKSUM_AT && i < CHECKSUM_AT + CHECKSUM_BYTES;
      unsigned += own ? ' ' : bytes[at + i] & 0xFF;
      signed += own ? ' ' : bytes[at + i];
    }
    long stored = number(bytes, at + CHECKSUM_AT, CHECKSUM_BYTES, "checksum");
    if (stored != unsigned && stored != signed) {
      throw new DataException(
          "no tar header: its checksum is %d and the bytes add up to %d"
              .formatted(stored, unsigned));
    }
  }

  /// Octal digits, or GNU's big-endian binary where the first bit is set.
  private static long number(byte[] bytes, int at, int count, String what) throws DataException {
    if ((bytes[at] & 0x80) != 0) {
      return binary(bytes, at, count, what);
    }
    String digits = latin(bytes, at, count).replace('\0', ' ').strip();
    if (digits.isEmpty() || !digits.chars().allMatch(digit -> digit >= '0' && digit <= '7')) {
      throw new DataException("no tar header: its %s is not an octal number".formatted(what));
    }
    return Long.parseLong(digits, 8);
  }

  private static long binary(byte[] bytes, int at, int count, String what) throws DataException {
    long value = bytes[at] & 0x7F;
    for (int i = 1; i < count; i++) {
      if (value >= 1L << (Long.SIZE - 1 - Byte.SIZE)) {
        throw new DataException(
            "the %s in the header is negative or beyond all files".formatted(what));
      }
      value = value << Byte.SIZE | bytes[at + i] & 0xFF;
    }
    return value;
  }

  /// Text up to the first zero byte.
  static String text(byte[] bytes, int at, int count) {
    int end = at;
    while (end < at + count && bytes[end] != 0) {
      end++;
    }
    return new String(bytes, at, end - at, StandardCharsets.UTF_8);
  }

  private static String latin(byte[] bytes, int at, int count) {
    return new String(bytes, at, count, StandardCharsets.ISO_8859_1);
  }
}
