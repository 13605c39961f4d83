package dev.eosin.slide;

import dev.eosin.image.RgbImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.DeflaterOutputStream;

/// Writes BigTIFF files, little-endian, that may lie in any field.
public final class DrawnTiff {
  static final int SHORT = 3;
  static final int LONG = 4;
  static final int LONG_8 = 16;
  static final int DEFLATE = 8;
  private static final int HEADER = 16;

  /// @param value of the field, or where its values stand
  record Field(int type, long count, long value) {}

  private final ByteArrayOutputStream data = new ByteArrayOutputStream();
  private final List<SortedMap<Integer, Field>> directories = new ArrayList<>();

  /// A slide of one level in deflated tiles.
  ///
  /// @param tile side of a tile, in pixels
  public static Path slide(Path file, RgbImage image, int tile) throws IOException {
    var tiff = new DrawnTiff();
    int columns = Math.ceilDiv(image.width(), tile);
    int rows = Math.ceilDiv(image.height(), tile);
    long[] offsets = new long[columns * rows];
    long[] lengths = new long[columns * rows];
    for (int i = 0; i < offsets.length; i++) {
      byte[] piece = deflated(tile(image, i % columns * tile, i / columns * tile, tile));
      offsets[i] = tiff.put(piece);
      lengths[i] = piece.length;
    }
    tiff.image(
        DEFLATE,
        image.width(),
        image.height(),
        tile,
        offsets.length,
        offsets.length == 1
            ? new long[] {offsets[0], lengths[0]}
            : new long[] {tiff.put(offsets), tiff.put(lengths)});
    return tiff.write(file, 0);
  }

  private static byte[] tile(RgbImage image, int left, int top, int side) {
    byte[] pixels = new byte[3 * side * side];
    for (int y = 0; y < Math.min(side, image.height() - top); y++) {
      System.arraycopy(
          image.pixels(),
          3 * ((top + y) * image.width() + left),
          pixels,
          3 * y * side,
          3 * Math.min(side, image.width() - left));
    }
    return pixels;
  }

  static byte[] deflated(byte[] content) throws IOException {
    var out = new ByteArrayOutputStream();
    try (var deflater = new DeflaterOutputStream(out)) {
      deflater.write(content);
    }
    return out.toByteArray();
  }

  /// Puts content into the file.
  ///
  /// @return where it stands
  long put(byte[] content) {
    long at = HEADER + data.size();
    data.writeBytes(content);
    return at;
  }

  /// Values of a table.
  long put(long... values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (long value : values) {
      bytes.putLong(value);
    }
    return put(bytes.array());
  }

  /// One more directory, of 8-bit RGB.
  ///
  /// @param pieces where the table of offsets stands, and the table of lengths
  SortedMap<Integer, Field> image(
      int compression, long width, long height, long tile, long count, long[] pieces) {
    SortedMap<Integer, Field> fields = new TreeMap<>();
    number(fields, TiffDirectory.WIDTH, width);
    number(fields, TiffDirectory.HEIGHT, height);
    number(fields, TiffDirectory.BITS, 8);
    number(fields, TiffDirectory.COMPRESSION, compression);
    number(fields, TiffDirectory.PHOTOMETRIC, 2);
    number(fields, TiffDirectory.SAMPLES, 3);
    number(fields, TiffDirectory.TILE_WIDTH, tile);
    number(fields, TiffDirectory.TILE_HEIGHT, tile);
    fields.put(TiffDirectory.TILE_OFFSETS, new Field(LONG_8, count, pieces[0]));
    fields.put(TiffDirectory.TILE_BYTES, new Field(LONG_8, count, pieces[1]));
    directories.add(fields);
    return fields;
  }

  static void number(SortedMap<Integer, Field> fields, int tag, long value) {
    fields.put(tag, new Field(LONG_8, 1, value));
  }

  private static int size(SortedMap<Integer, Field> fields) {
    return 8 + 20 * fields.size() + 8;
  }

  /// Where a directory will stand, once nothing more is put or added.
  long place(int directory) {
    long at = HEADER + data.size();
    for (int i = 0; i < directory; i++) {
      at += size(directories.get(i));
    }
    return at;
  }

  /// @param after what the last directory names as the next; 0 for none
  Path write(Path file, long after) throws IOException {
    int all = Math.toIntExact(place(directories.size()));
    ByteBuffer bytes = ByteBuffer.allocate(all).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put((byte) 'I').put((byte) 'I').putShort((short) 43).putShort((short) 8);
    bytes.putShort((short) 0).putLong(place(0)).put(data.toByteArray());
    for (int i = 0; i < directories.size(); i++) {
      bytes.putLong(directories.get(i).size());
      directories
          .get(i)
          .forEach(
              (tag, field) ->
                  bytes
                      .putShort(tag.shortValue())
                      .putShort((short) field.type())
                      .putLong(field.count())
                      .putLong(field.value()));
      bytes.putLong(i + 1 < directories.size() ? place(i + 1) : after);
    }
    return Files.write(file, bytes.array());
  }
}
