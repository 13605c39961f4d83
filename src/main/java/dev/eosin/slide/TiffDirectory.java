package dev.eosin.slide;

import dev.eosin.config.DataException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;

/// One directory of a TIFF or BigTIFF file. Fields are read when asked for, never more of them than
/// the file holds.
///
/// Source: TIFF 6.0, section 2; BigTIFF as libtiff has it.
record TiffDirectory(SlideFile file, ByteOrder order, int number, Map<Integer, Entry> entries) {
  /// @param type of its values, as TIFF numbers them
  /// @param count of its values
  /// @param offset in the file of the first
  record Entry(int type, long count, long offset) {}

  static final int SUBFILE = 254;
  static final int WIDTH = 256;
  static final int HEIGHT = 257;
  static final int BITS = 258;
  static final int COMPRESSION = 259;
  static final int PHOTOMETRIC = 262;
  static final int FILL_ORDER = 266;
  static final int DESCRIPTION = 270;
  static final int STRIP_OFFSETS = 273;
  static final int SAMPLES = 277;
  static final int ROWS_PER_STRIP = 278;
  static final int STRIP_BYTES = 279;
  static final int X_RESOLUTION = 282;
  static final int Y_RESOLUTION = 283;
  static final int PLANAR = 284;
  static final int RESOLUTION_UNIT = 296;
  static final int PREDICTOR = 317;
  static final int TILE_WIDTH = 322;
  static final int TILE_HEIGHT = 323;
  static final int TILE_OFFSETS = 324;
  static final int TILE_BYTES = 325;
  static final int SUB_DIRECTORIES = 330;
  static final int SAMPLE_FORMAT = 339;
  static final int JPEG_TABLES = 347;
  static final int COLOUR_PROFILE = 34675;
  static final int NDPI = 65420;

  /// The fields that are ever asked for: a hostile file may have millions of others.
  static final Set<Integer> READ =
      Set.of(
          SUBFILE,
          WIDTH,
          HEIGHT,
          BITS,
          COMPRESSION,
          PHOTOMETRIC,
          FILL_ORDER,
          DESCRIPTION,
          STRIP_OFFSETS,
          SAMPLES,
          ROWS_PER_STRIP,
          STRIP_BYTES,
          X_RESOLUTION,
          Y_RESOLUTION,
          PLANAR,
          RESOLUTION_UNIT,
          PREDICTOR,
          TILE_WIDTH,
          TILE_HEIGHT,
          TILE_OFFSETS,
          TILE_BYTES,
          SUB_DIRECTORIES,
          SAMPLE_FORMAT,
          JPEG_TABLES,
          COLOUR_PROFILE,
          NDPI);

  private static final int TEXT = 2;
  private static final int RATIONAL = 5;
  private static final int LONGEST_TEXT = 1 << 24;
  private static final int LONGEST_HEADING = 4096;

  boolean has(int tag) {
    return entries.containsKey(tag);
  }

  /// How many values a field says that it has; 0 where there is no such field.
  long count(int tag) {
    Entry entry = entries.get(tag);
    return entry == null ? 0 : entry.count();
  }

  /// The first number of a field.
  OptionalLong number(int tag) throws DataException {
    Entry entry = entries.get(tag);
    if (entry == null || entry.count() < 1) {
      return OptionalLong.empty();
    }
    long[] one = values(tag, new Entry(entry.type(), 1, entry.offset()));
    return OptionalLong.of(one[0]);
  }

  /// The first number of a field that every slide has.
  long required(int tag, String name) throws DataException {
    OptionalLong value = number(tag);
    if (value.isEmpty()) {
      throw flaw("has no " + name);
    }
    return value.getAsLong();
  }

  /// All numbers of a field; none where there is no such field.
  ///
  /// @param most that it may have: nothing is read of a field that says it has more
  long[] numbers(int tag, long most) throws DataException {
    Entry entry = entries.get(tag);
    requireAtMost(tag, most);
    return entry == null ? new long[0] : values(tag, entry);
  }

  private void requireAtMost(int tag, long most) throws DataException {
    if (count(tag) > most) {
      throw flaw(
          "says that field %d has %d values, where at most %d belong"
              .formatted(tag, count(tag), most));
    }
  }

  private long[] values(int tag, Entry entry) throws DataException {
    int width =
        switch (entry.type()) {
          case 1, 7 -> 1;
          case 3 -> 2;
          case 4, 13 -> 4;
          case 16, 18 -> 8;
          default -> throw flaw("has numbers of type %d in field %d".formatted(entry.type(), tag));
        };
    ByteBuffer bytes = content(tag, entry, width);
    long[] numbers = new long[(int) entry.count()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] =
          switch (width) {
            case 1 -> bytes.get() & 0xFF;
            case 2 -> bytes.getShort() & 0xFFFF;
            case 4 -> bytes.getInt() & 0xFFFFFFFFL;
            default -> bytes.getLong();
          };
      if (numbers[i] < 0) {
        throw flaw("has a number beyond 2^63 in field " + tag);
      }
    }
    return numbers;
  }

  /// A text without its last zero.
  Optional<String> text(int tag) throws DataException {
    Entry entry = entries.get(tag);
    if (entry == null || entry.type() != TEXT || entry.count() > LONGEST_TEXT) {
      return Optional.empty();
    }
    return Optional.of(text(tag, entry));
  }

  private String text(int tag, Entry entry) throws DataException {
    String text = StandardCharsets.UTF_8.decode(content(tag, entry, 1)).toString();
    int end = text.indexOf('\0');
    return end < 0 ? text : text.substring(0, end);
  }

  /// How a text begins.
  Optional<String> heading(int tag) throws DataException {
    Entry entry = entries.get(tag);
    return entry == null || entry.type() != TEXT || entry.count() <= LONGEST_HEADING
        ? text(tag)
        : Optional.of(text(tag, new Entry(TEXT, LONGEST_HEADING, entry.offset())));
  }

  /// A field of bytes; none where there is no such field.
  ///
  /// @param most that it may have
  byte[] bytes(int tag, long most) throws DataException {
    Entry entry = entries.get(tag);
    requireAtMost(tag, most);
    return entry == null ? new byte[0] : content(tag, entry, 1).array();
  }

  /// A fraction above 0.
  OptionalDouble fraction(int tag) throws DataException {
    Entry entry = entries.get(tag);
    if (entry == null || entry.type() != RATIONAL || entry.count() < 1) {
      return OptionalDouble.empty();
    }
    ByteBuffer bytes = content(tag, new Entry(RATIONAL, 1, entry.offset()), 2 * Integer.BYTES);
    double value = (double) (bytes.getInt() & 0xFFFFFFFFL) / (bytes.getInt() & 0xFFFFFFFFL);
    return value > 0 && Double.isFinite(value) ? OptionalDouble.of(value) : OptionalDouble.empty();
  }

  private ByteBuffer content(int tag, Entry entry, int width) throws DataException {
    if (entry.count() < 0 || entry.count() > file.size() / width) {
      throw flaw(
          "says that field %d has %d values, more than fit into the file"
              .formatted(tag, entry.count()));
    }
    String what = "field %d of directory %d".formatted(tag, number);
    return ByteBuffer.wrap(file.read(entry.offset(), entry.count() * width, what)).order(order);
  }

  /// What is wrong with this directory.
  DataException flaw(String what) {
    return new DataException(
        "%s: directory %d of the TIFF structure %s; the file is corrupt or no slide"
            .formatted(file.path(), number, what));
  }
}
