package dev.eosin.image.formats;

import dev.eosin.image.UnreadableImageException;
import io.airlift.compress.MalformedInputException;
import io.airlift.compress.zstd.ZstdDecompressor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.tukaani.xz.XZInputStream;

/// Writes the first image of a TIFF file anew, in memory, so that the reader takes it: without zstd
/// and LZMA, which it does not know, and with CIELAB called RGB, so that it leaves the samples
/// alone.
final class TiffCopy {
  /// What LZMA's largest preset needs, and a little more.
  private static final int MOST_KIBIBYTES = 72 << 10;

  private static final int SHORT = 3;
  private static final int LONG = 4;
  private static final int RGB = 2;
  private static final int[] KEPT = {
    TiffTags.WIDTH,
    TiffTags.HEIGHT,
    TiffTags.BITS_PER_SAMPLE,
    TiffTags.FILL_ORDER,
    TiffTags.SAMPLES_PER_PIXEL,
    TiffTags.PLANAR,
    TiffTags.COLOUR_MAP,
    TiffTags.TILE_WIDTH,
    TiffTags.TILE_HEIGHT,
    TiffTags.EXTRA_SAMPLES,
    TiffTags.SAMPLE_FORMAT
  };
  private static final int LONGEST_FIELD = 3 << 16;

  private final byte[] bytes;
  private final TiffTags tags;
  private final TiffLayout layout;
  private final boolean unpacked;

  private TiffCopy(byte[] bytes, TiffTags tags, TiffLayout layout) {
    this.bytes = bytes;
    this.tags = tags;
    this.layout = layout;
    this.unpacked = TiffCompression.isUnpackedFirst(layout);
  }

  /// @return a TIFF file of the old kind in the same byte order
  /// @throws IOException when a part is missing, truncated or corrupt
  static byte[] of(byte[] bytes, TiffTags tags, TiffLayout layout) throws IOException {
    return new TiffCopy(bytes, tags, layout).written();
  }

  private byte[] written() throws IOException {
    int parts = Math.toIntExact(layout.parts());
    long[] offsets = places(TiffTags.STRIP_OFFSETS, TiffTags.TILE_OFFSETS, parts);
    long[] lengths = places(TiffTags.STRIP_BYTES, TiffTags.TILE_BYTES, parts);
    ByteArrayOutputStream copy = new ByteArrayOutputStream();
    copy.writeBytes(new byte[8]);
    for (int part = 0; part < parts; part++) {
      byte[] content = part(part, offsets[part], lengths[part]);
      offsets[part] = copy.size();
      lengths[part] = content.length;
      copy.writeBytes(content);
      copy.writeBytes(new byte[content.length % 2]);
    }
    return withDirectory(copy, fields(offsets, lengths));
  }

  private long[] places(int ofStrips, int ofTiles, int parts) throws UnreadableImageException {
    long[] places = tags.numbers(layout.tiled() ? ofTiles : ofStrips, parts);
    if (places.length < parts) {
      throw new UnreadableImageException(
          "corrupt TIFF: it says where %d of its %d parts are".formatted(places.length, parts));
    }
    return places;
  }

  private byte[] part(int part, long offset, long length) throws IOException {
    if (length > bytes.length || offset > bytes.length - length) {
      throw new EOFException();
    }
    int start = (int) offset;
    if (!unpacked) {
      return Arrays.copyOfRange(bytes, start, start + (int) length);
    }
    long needed = layout.rows(part) * layout.rowBytes();
    long room = layout.tileHeight() * layout.rowBytes();
    byte[] content =
        layout.compression() == TiffCompression.ZSTD
            ? unzstd(start, (int) length, Math.toIntExact(room))
            : unlzma(start, (int) length, Math.toIntExact(room));
    if (content.length < needed) {
      throw new EOFException();
    }
    undoPredictor(content);
    return content;
  }

  private byte[] unzstd(int start, int length, int room) throws IOException {
    byte[] content = new byte[room];
    try {
      int count = new ZstdDecompressor().decompress(bytes, start, length, content, 0, room);
      return count == room ? content : Arrays.copyOf(content, count);
    } catch (MalformedInputException broken) {
      throw new UnreadableImageException("corrupt TIFF: its zstd data cannot be unpacked");
    }
  }

  private byte[] unlzma(int start, int length, int room) throws IOException {
    ByteArrayInputStream packed = new ByteArrayInputStream(bytes, start, length);
    try (XZInputStream content = new XZInputStream(packed, MOST_KIBIBYTES)) {
      return content.readNBytes(room);
    }
  }

  private void undoPredictor(byte[] content) throws UnreadableImageException {
    if (layout.predictor() == 1) {
      return;
    }
    if (layout.predictor() != 2 || layout.bits() < 8 || layout.bits() == 12) {
      throw new UnreadableImageException(
          "corrupt TIFF: predictor %d of %d bits".formatted(layout.predictor(), layout.bits()));
    }
    int rowBytes = (int) layout.rowBytes();
    int step = (layout.planar() ? 1 : layout.samples()) * layout.bits() / 8;
    for (int row = 0; row + rowBytes <= content.length; row += rowBytes) {
      if (layout.bits() == 8) {
        sumBytes(content, row + step, row + rowBytes, step);
      } else {
        sumShorts(content, row + step, row + rowBytes, step);
      }
    }
  }

  private static void sumBytes(byte[] content, int start, int end, int step) {
    for (int i = start; i < end; i++) {
      content[i] += content[i - step];
    }
  }

  private void sumShorts(byte[] content, int start, int end, int step) {
    ByteBuffer numbers = ByteBuffer.wrap(content).order(order());
    for (int i = start; i < end; i += 2) {
      numbers.putShort(i, (short) (numbers.getShort(i) + numbers.getShort(i - step)));
    }
  }

  private ByteOrder order() {
    return tags.littleEndian() ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
  }

  private Map<Integer, long[]> fields(long[] offsets, long[] lengths) {
    Map<Integer, long[]> fields = new TreeMap<>();
    for (int tag : KEPT) {
      long[] numbers = tags.numbers(tag, LONGEST_FIELD);
      if (numbers.length > 0) {
        fields.put(tag, numbers);
      }
    }
    boolean lab = layout.photometric() == 8;
    fields.put(TiffTags.PHOTOMETRIC, new long[] {lab ? RGB : layout.photometric()});
    fields.put(TiffTags.COMPRESSION, new long[] {unpacked ? 1 : layout.compression()});
    fields.put(TiffTags.PREDICTOR, new long[] {unpacked ? 1 : layout.predictor()});
    if (!layout.tiled()) {
      fields.put(TiffTags.ROWS_PER_STRIP, new long[] {layout.tileHeight()});
    }
    fields.put(layout.tiled() ? TiffTags.TILE_OFFSETS : TiffTags.STRIP_OFFSETS, offsets);
    fields.put(layout.tiled() ? TiffTags.TILE_BYTES : TiffTags.STRIP_BYTES, lengths);
    return fields;
  }

  /// Long fields come first, then the directory that names them.
  private byte[] withDirectory(ByteArrayOutputStream copy, Map<Integer, long[]> fields) {
    ByteBuffer directory = ByteBuffer.allocate(2 + 12 * fields.size() + 4).order(order());
    directory.putShort((short) fields.size());
    fields.forEach(
        (tag, numbers) -> {
          int type = isShort(tag) ? SHORT : LONG;
          ByteBuffer content = packed(numbers, type);
          directory.putShort(tag.shortValue()).putShort((short) type).putInt(numbers.length);
          if (content.capacity() > 4) {
            directory.putInt(copy.size());
            copy.writeBytes(content.array());
          } else {
            directory.put(content.array()).put(new byte[4 - content.capacity()]);
          }
        });
    int start = copy.size();
    copy.writeBytes(directory.array());
    byte[] file = copy.toByteArray();
    byte mark = (byte) (tags.littleEndian() ? 'I' : 'M');
    ByteBuffer.wrap(file).order(order()).put(mark).put(mark).putShort((short) 42).putInt(start);
    return file;
  }

  private static boolean isShort(int tag) {
    return switch (tag) {
      case TiffTags.WIDTH,
          TiffTags.HEIGHT,
          TiffTags.ROWS_PER_STRIP,
          TiffTags.TILE_WIDTH,
          TiffTags.TILE_HEIGHT,
          TiffTags.STRIP_OFFSETS,
          TiffTags.STRIP_BYTES,
          TiffTags.TILE_OFFSETS,
          TiffTags.TILE_BYTES ->
          false;
      default -> true;
    };
  }

  private ByteBuffer packed(long[] numbers, int type) {
    ByteBuffer content = ByteBuffer.allocate(numbers.length * (type == SHORT ? 2 : 4));
    content.order(order());
    for (long number : numbers) {
      if (type == SHORT) {
        content.putShort((short) number);
      } else {
        content.putInt((int) number);
      }
    }
    return content;
  }
}
