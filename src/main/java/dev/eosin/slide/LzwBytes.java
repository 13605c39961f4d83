package dev.eosin.slide;

import java.io.IOException;

/// Unpacks TIFF's LZW.
///
/// Source: TIFF 6.0, section 13: codes of 9 to 12 bits, high bits first, that grow one code early.
final class LzwBytes {
  private static final int CLEAR = 256;
  private static final int END = 257;
  private static final int TABLE = 4096;

  private LzwBytes() {}

  /// @param length that the content has; what follows it is left alone
  /// @throws IOException when the codes are broken or end early
  static byte[] unpack(byte[] packed, int length) throws IOException {
    byte[] out = new byte[length];
    int[] begin = new int[TABLE];
    int[] size = new int[TABLE];
    int next = END + 1;
    int width = 9;
    long bit = 0;
    int at = 0;
    int previous = -1;
    while (at < length) {
      int code = code(packed, bit, width);
      bit += width;
      if (code == CLEAR) {
        next = END + 1;
        width = 9;
        previous = -1;
        continue;
      }
      if (previous >= 0 && next < TABLE) {
        // What the code before gave, and the first byte of this one: they stand beside each other,
        // also where this code is the new one and its last byte is yet to be written.
        begin[next] = previous;
        size[next] = at - previous + 1;
        next++;
        width = next >= 2047 ? 12 : next >= 1023 ? 11 : next >= 511 ? 10 : 9;
      }
      if (code == END || code >= next) {
        throw new IOException("corrupt piece: its LZW codes are broken");
      }
      previous = at;
      at = code < CLEAR ? put(out, at, code) : copy(out, at, begin[code], size[code]);
    }
    return out;
  }

  private static int put(byte[] out, int at, int value) {
    out[at] = (byte) value;
    return at + 1;
  }

  private static int copy(byte[] out, int at, int from, int count) {
    int end = Math.min(out.length, at + count);
    for (int i = at; i < end; i++) {
      out[i] = out[from + i - at];
    }
    return end;
  }

  private static int code(byte[] packed, long bit, int width) throws IOException {
    int at = (int) (bit >>> 3);
    int bits = (int) (bit & 7) + width;
    if (at + Math.ceilDiv(bits, 8) > packed.length) {
      throw new IOException("truncated piece: its LZW codes end too early");
    }
    int three = (packed[at] & 0xFF) << 16;
    three |= at + 1 < packed.length ? (packed[at + 1] & 0xFF) << 8 : 0;
    three |= at + 2 < packed.length ? packed[at + 2] & 0xFF : 0;
    return three >>> (24 - bits) & (1 << width) - 1;
  }
}
