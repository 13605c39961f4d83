package dev.eosin.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.TreeMap;

/// Writes little-endian TIFF files of 4 x 2 px whose fields hold one LONG each, for tests.
final class TiffBytes {
  private static final int SIZE = 600;
  private static final int LONG = 4;

  private final Map<Integer, Integer> fields = new TreeMap<>();

  /// 8 bits of grey, one strip behind the directory.
  TiffBytes() {
    fields.putAll(
        Map.of(256, 4, 257, 2, 258, 8, 259, 1, 262, 1, 273, 300, 277, 1, 278, 2, 279, 100));
  }

  TiffBytes with(int tag, int value) {
    fields.put(tag, value);
    return this;
  }

  TiffBytes without(int tag) {
    fields.remove(tag);
    return this;
  }

  /// @param strip at byte 300
  byte[] bytes(byte[] strip) {
    ByteBuffer file = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);
    file.put(new byte[] {'I', 'I', 42, 0}).putInt(8).putShort((short) fields.size());
    fields.forEach(
        (tag, value) ->
            file.putShort(tag.shortValue()).putShort((short) LONG).putInt(1).putInt(value));
    file.position(300).put(strip);
    return file.array();
  }

  /// BigTIFF, with the same fields as LONG8.
  byte[] bigBytes() {
    ByteBuffer file = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);
    file.put(new byte[] {'I', 'I', 43, 0, 8, 0, 0, 0}).putLong(16).putLong(fields.size());
    fields.forEach(
        (tag, value) ->
            file.putShort(tag.shortValue()).putShort((short) 16).putLong(1).putLong(value));
    return file.array();
  }
}
