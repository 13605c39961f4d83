package dev.eosin.image;

import java.util.OptionalLong;

/// The whole numbers that the first directory of a TIFF structure holds: a TIFF file, or the EXIF
/// block of another format.
///
/// Reads nothing but what is asked for, and nothing outside the block, whatever offsets and counts
/// it names. Source: TIFF 6.0, section 2.
final class TiffTags {
  static final int BITS_PER_SAMPLE = 258;
  static final int COMPRESSION = 259;
  static final int PHOTOMETRIC = 262;
  static final int ORIENTATION = 274;
  static final int SAMPLES_PER_PIXEL = 277;
  static final int TILE_WIDTH = 322;
  static final int TILE_HEIGHT = 323;

  private static final int ENTRY = 12;
  private static final int SHORT = 3;
  private static final int LONG = 4;

  private final byte[] bytes;
  private final int start;
  private final int end;
  private final boolean littleEndian;

  /// @param start of the block in `bytes`; offsets count from here
  /// @param end one past its last byte, at most the array's length
  TiffTags(byte[] bytes, int start, int end) {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.littleEndian = end - start > 0 && bytes[start] == 'I';
  }

  /// The first number of a field of type SHORT or LONG; nothing where there is none or the block is
  /// broken.
  OptionalLong number(int tag) {
    long directory = unsigned(4, 4);
    long entries = Math.max(0, unsigned(directory, 2));
    for (long i = 0; i < entries; i++) {
      long entry = directory + 2 + i * ENTRY;
      if (entry + ENTRY > end - start) {
        return OptionalLong.empty();
      }
      if (unsigned(entry, 2) == tag) {
        return value(entry);
      }
    }
    return OptionalLong.empty();
  }

  private OptionalLong value(long entry) {
    long type = unsigned(entry + 2, 2);
    long count = unsigned(entry + 4, 4);
    if ((type != SHORT && type != LONG) || count < 1) {
      return OptionalLong.empty();
    }
    int width = type == SHORT ? 2 : 4;
    long at = count * width <= 4 ? entry + 8 : unsigned(entry + 8, 4);
    long value = unsigned(at, width);
    return value < 0 ? OptionalLong.empty() : OptionalLong.of(value);
  }

  /// A number of `width` bytes, or -1 outside the block.
  private long unsigned(long offset, int width) {
    if (offset < 0 || offset + width > end - start) {
      return -1;
    }
    long value = 0;
    for (int i = 0; i < width; i++) {
      int at = start + (int) offset + (littleEndian ? width - 1 - i : i);
      value = value << 8 | (bytes[at] & 0xFF);
    }
    return value;
  }
}
