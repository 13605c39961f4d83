package dev.eosin.image.formats;

import dev.eosin.image.UnreadableImageException;

/// Unpacks the codes of a GIF picture (LZW with codes of up to 12 bits).
///
/// Source: GIF 89a, appendix F.
final class GifCodes {
  private static final int LONGEST = 12;
  private static final int MOST = 1 << LONGEST;
  private static final int NONE = -1;

  private final LittleEndian file;
  private final int firstBits;
  private final int clear;
  private final byte[] indices;
  private final short[] prefixes = new short[MOST];
  private final byte[] suffixes = new byte[MOST];
  private final byte[] stack = new byte[MOST];
  private int position;
  private int blockEnd;
  private int buffer;
  private int buffered;
  private int written;
  private int bits;
  private int next;
  private int previous;

  private GifCodes(LittleEndian file, int start, int count) throws UnreadableImageException {
    this.file = file;
    this.firstBits = file.unsignedByte(start);
    if (firstBits < 1 || firstBits >= LONGEST) {
      throw new UnreadableImageException(
          "corrupt GIF: it says that its pixels have %d bits".formatted(firstBits));
    }
    this.clear = 1 << firstBits;
    this.position = start + 1;
    this.blockEnd = position;
    this.indices = new byte[count];
    forget();
  }

  /// @param start where the size of the first codes stands
  /// @param count of pixels
  /// @return the pixels' indices in the order of the file
  /// @throws UnreadableImageException when the codes are broken or too few
  static byte[] unpack(LittleEndian file, int start, int count) throws UnreadableImageException {
    GifCodes codes = new GifCodes(file, start, count);
    while (codes.written < count) {
      codes.take(codes.code());
    }
    return codes.indices;
  }

  private void forget() {
    bits = firstBits + 1;
    next = clear + 2;
    previous = NONE;
  }

  private void take(int code) throws UnreadableImageException {
    if (code == clear) {
      forget();
    } else if (code == clear + 1) {
      throw new UnreadableImageException("truncated GIF: its image data ends too early");
    } else if (code > next || (code == next && previous == NONE)) {
      throw new UnreadableImageException("corrupt GIF: a code that nothing has defined");
    } else {
      boolean repeats = code == next;
      byte first = expand(repeats ? previous : code);
      if (repeats) {
        put(first);
      }
      define(first);
      previous = code;
    }
  }

  /// Writes what a code stands for.
  ///
  /// @return its first index
  private byte expand(int code) {
    int depth = 0;
    int rest = code;
    while (rest > clear) {
      stack[depth++] = suffixes[rest];
      rest = prefixes[rest];
    }
    put((byte) rest);
    while (depth > 0) {
      put(stack[--depth]);
    }
    return (byte) rest;
  }

  private void define(byte first) {
    if (previous == NONE || next == MOST) {
      return;
    }
    prefixes[next] = (short) previous;
    suffixes[next] = first;
    next++;
    if (next == 1 << bits && bits < LONGEST) {
      bits++;
    }
  }

  /// What goes past the picture is cut off.
  private void put(byte index) {
    if (written < indices.length) {
      indices[written++] = index;
    }
  }

  private int code() throws UnreadableImageException {
    while (buffered < bits) {
      buffer |= nextByte() << buffered;
      buffered += 8;
    }
    int code = buffer & (1 << bits) - 1;
    buffer >>>= bits;
    buffered -= bits;
    return code;
  }

  private int nextByte() throws UnreadableImageException {
    if (position == blockEnd) {
      int length = file.unsignedByte(position++);
      if (length == 0) {
        throw new UnreadableImageException("truncated GIF: its image data ends too early");
      }
      blockEnd = position + length;
    }
    return file.unsignedByte(position++);
  }
}
