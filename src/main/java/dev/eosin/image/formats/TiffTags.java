package dev.eosin.image.formats;

import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;

/// The fields that the first directory of a TIFF structure holds: a TIFF or BigTIFF file, or the
/// EXIF block of another format.
///
/// Reads nothing but what is asked for, and nothing outside the block, whatever offsets and counts
/// it names. Source: TIFF 6.0, section 2; BigTIFF as libtiff has it.
final class TiffTags {
  static final int WIDTH = 256;
  static final int HEIGHT = 257;
  static final int BITS_PER_SAMPLE = 258;
  static final int COMPRESSION = 259;
  static final int PHOTOMETRIC = 262;
  static final int FILL_ORDER = 266;
  static final int STRIP_OFFSETS = 273;
  static final int ORIENTATION = 274;
  static final int SAMPLES_PER_PIXEL = 277;
  static final int ROWS_PER_STRIP = 278;
  static final int STRIP_BYTES = 279;
  static final int PLANAR = 284;
  static final int PREDICTOR = 317;
  static final int COLOUR_MAP = 320;
  static final int TILE_WIDTH = 322;
  static final int TILE_HEIGHT = 323;
  static final int TILE_OFFSETS = 324;
  static final int TILE_BYTES = 325;
  static final int INK_SET = 332;
  static final int EXTRA_SAMPLES = 338;
  static final int SAMPLE_FORMAT = 339;
  static final int XMP = 700;

  private static final int BIG_VERSION = 43;

  private final byte[] bytes;
  private final int start;
  private final int end;
  private final boolean littleEndian;
  private final boolean big;

  /// @param start of the block in `bytes`; offsets count from here
  /// @param end one past its last byte, at most the array's length
  TiffTags(byte[] bytes, int start, int end) {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.littleEndian = end - start > 0 && bytes[start] == 'I';
    this.big = unsigned(2, 2) == BIG_VERSION;
  }

  /// Whether the low bytes of numbers come first.
  boolean littleEndian() {
    return littleEndian;
  }

  /// The first number of a field of whole numbers; nothing where there is none or the block is
  /// broken.
  OptionalLong number(int tag) {
    long[] numbers = numbers(tag, 1);
    return numbers.length == 0 ? OptionalLong.empty() : OptionalLong.of(numbers[0]);
  }

  /// The numbers of a field of type BYTE, SHORT, LONG or LONG8.
  ///
  /// @param most how many are wanted at most
  /// @return none where there is no such field or the block is broken
  long[] numbers(int tag, int most) {
    long entry = entry(tag);
    int width = entry < 0 ? 0 : width(unsigned(entry + 2, 2));
    long count = entry < 0 ? 0 : unsigned(entry + 4, big ? 8 : 4);
    if (width == 0 || count < 1) {
      return new long[0];
    }
    long at = content(entry, count, width);
    int wanted = (int) Math.min(count, most);
    if (at < 0 || at > end - start - (long) width * wanted) {
      return new long[0];
    }
    long[] numbers = new long[wanted];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = unsigned(at + (long) width * i, width);
      if (numbers[i] < 0) {
        return new long[0];
      }
    }
    return numbers;
  }

  /// What a field of bytes holds.
  Optional<byte[]> bytes(int tag) {
    long entry = entry(tag);
    long count = entry < 0 ? 0 : unsigned(entry + 4, big ? 8 : 4);
    long at = entry < 0 ? 0 : content(entry, count, 1);
    if (count < 1 || at < 0 || at > end - start - count) {
      return Optional.empty();
    }
    int from = start + (int) at;
    return Optional.of(Arrays.copyOfRange(bytes, from, from + (int) count));
  }

  /// Where a field's entry is, or -1.
  private long entry(int tag) {
    long directory = big ? unsigned(8, 8) : unsigned(4, 4);
    int countBytes = big ? 8 : 2;
    long entries = Math.max(0, unsigned(directory, countBytes));
    long size = big ? 20 : 12;
    for (long i = 0; i < entries; i++) {
      long entry = directory + countBytes + i * size;
      if (entry + size > end - start) {
        return -1;
      }
      if (unsigned(entry, 2) == tag) {
        return entry;
      }
    }
    return -1;
  }

  /// Short contents stand in the entry itself.
  private long content(long entry, long count, int width) {
    int room = big ? 8 : 4;
    long value = entry + 4 + room;
    return count <= room / width ? value : unsigned(value, room);
  }

  private static int width(long type) {
    return switch ((int) type) {
      case 1 -> 1;
      case 3 -> 2;
      case 4 -> 4;
      case 16 -> 8;
      default -> 0;
    };
  }

  /// A number of `width` bytes, or -1 outside the block or where it does not fit.
  private long unsigned(long offset, int width) {
    if (offset < 0 || offset > end - start - width) {
      return -1;
    }
    long value = 0;
    for (int i = 0; i < width; i++) {
      int at = start + (int) offset + (littleEndian ? width - 1 - i : i);
      value = value << 8 | (bytes[at] & 0xFF);
    }
    return value < 0 ? -1 : value;
  }
}
