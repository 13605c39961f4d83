package dev.eosin.image.formats;

import dev.eosin.image.UnreadableImageException;

/// Unpacks the runs of 4- and 8-bit BMP files to one index a byte, rows in the order of the file.
/// Pixels that no run names are 0.
///
/// Pixel for pixel Pillow's reading, flaws included: the last pixel of an odd number of 4-bit
/// literals is left out, and a row that ends where it begins is none.
///
/// Source: `BmpRleDecoder` of Pillow 12.3.
final class BmpRuns {
  private final LittleEndian file;
  private final BmpHeader header;
  private final boolean nibbles;
  private final byte[] indices;
  private long position;
  private int written;
  private int x;

  private BmpRuns(LittleEndian file, BmpHeader header) {
    this.file = file;
    this.header = header;
    this.nibbles = header.packing() == BmpHeader.Packing.RUNS_4;
    this.indices = new byte[header.width() * header.height()];
    this.position = header.pixels();
  }

  /// @return [height, width] uint8
  /// @throws UnreadableImageException when the file or its runs end before the last pixel
  static byte[] unpack(LittleEndian file, BmpHeader header) throws UnreadableImageException {
    BmpRuns runs = new BmpRuns(file, header);
    while (runs.written < runs.indices.length) {
      runs.next();
    }
    return runs.indices;
  }

  private void next() throws UnreadableImageException {
    int count = file.unsignedByte(position);
    int value = file.unsignedByte(position + 1);
    position += 2;
    if (count > 0) {
      run(Math.clamp(header.width() - (long) x, 0, count), value);
      return;
    }
    switch (value) {
      case 0 -> {
        skip((header.width() - written % header.width()) % header.width());
        x = 0;
      }
      case 1 ->
          throw new UnreadableImageException(
              "truncated BMP: its runs end in row %d of %d"
                  .formatted(written / header.width() + 1, header.height()));
      case 2 -> {
        int right = file.unsignedByte(position);
        int up = file.unsignedByte(position + 1);
        position += 2;
        skip(right + (long) up * header.width());
        x = written % header.width();
      }
      default -> literal(value);
    }
  }

  private void run(int count, int value) {
    for (int i = 0; i < count; i++) {
      put(nibbles ? nibble(value, i) : value);
    }
    x += count;
  }

  private void literal(int count) throws UnreadableImageException {
    int length = nibbles ? count / 2 : count;
    file.require(position, length);
    for (int i = 0; i < (nibbles ? 2 * length : length); i++) {
      int value = file.unsignedByte(position + (nibbles ? i / 2 : i));
      put(nibbles ? nibble(value, i) : value);
    }
    x += count;
    position += length;
    position += position % 2;
  }

  private static int nibble(int value, int index) {
    return index % 2 == 0 ? value >> 4 : value & 0xF;
  }

  private void skip(long count) {
    written = (int) Math.min(written + count, indices.length);
  }

  private void put(int value) {
    if (written < indices.length) {
      indices[written++] = (byte) value;
    }
  }
}
