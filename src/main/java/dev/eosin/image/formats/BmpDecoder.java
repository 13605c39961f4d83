package dev.eosin.image.formats;

import dev.eosin.image.Raster;
import dev.eosin.image.RgbImage;
import dev.eosin.image.UnreadableImageException;

/// BMP of Windows and OS/2, as Pillow reads it: up to 8 bits through the palette, narrow bands
/// spread to 8 bits with truncation, alpha only where a mask names it. Own code, because Java's
/// reader is a level off in 16 bits and refuses a good part of what Pillow reads.
final class BmpDecoder {
  private BmpDecoder() {}

  /// @throws UnreadableImageException when it is truncated, or of a kind that is not read
  static Raster decode(byte[] bytes, long maxPixels) throws UnreadableImageException {
    BmpHeader header = BmpHeader.parse(bytes);
    UnreadableImageException.requireSize(header.width(), header.height(), maxPixels);
    LittleEndian file = new LittleEndian(bytes, "BMP");
    if (header.bits() <= 8) {
      return indexed(file, header);
    }
    long lastRow = ((long) header.width() * header.bits() + 7) / 8;
    file.require(header.pixels(), header.stride() * (header.height() - 1L) + lastRow);
    return header.masks()[3] == 0
        ? new RgbImage(header.width(), header.height(), coloured(bytes, header, 3))
        : new Raster.Bands(
            Raster.Mode.RGB_ALPHA, header.width(), header.height(), coloured(bytes, header, 4));
  }

  private static Raster indexed(LittleEndian file, BmpHeader header)
      throws UnreadableImageException {
    byte[] rows =
        switch (header.packing()) {
          case PLAIN, MASKED -> unpacked(file, header);
          case RUNS_4, RUNS_8 -> BmpRuns.unpack(file, header);
        };
    byte[] indices = header.topDown() ? rows : flipped(rows, header.width());
    return header.isGrey()
        ? new Raster.Bands(Raster.Mode.GREY, header.width(), header.height(), indices)
        : new Raster.Paletted(header.width(), header.height(), indices, header.palette());
  }

  private static byte[] unpacked(LittleEndian file, BmpHeader header)
      throws UnreadableImageException {
    int width = header.width();
    int bits = header.bits();
    int rowBytes = (int) (((long) width * bits + 7) / 8);
    file.require(header.pixels(), header.stride() * (header.height() - 1L) + rowBytes);
    byte[] indices = new byte[width * header.height()];
    for (int y = 0; y < header.height(); y++) {
      int row = (int) (header.pixels() + header.stride() * y);
      for (int x = 0; x < width; x++) {
        int bit = x * bits;
        int shift = 8 - bits - bit % 8;
        indices[y * width + x] =
            (byte) ((file.bytes()[row + bit / 8] & 0xFF) >> shift & (1 << bits) - 1);
      }
    }
    return indices;
  }

  private static byte[] flipped(byte[] rows, int width) {
    byte[] flipped = new byte[rows.length];
    for (int row = 0; row < rows.length; row += width) {
      System.arraycopy(rows, row, flipped, rows.length - width - row, width);
    }
    return flipped;
  }

  private static byte[] coloured(byte[] bytes, BmpHeader header, int bands) {
    int width = header.width();
    int pixelBytes = header.bits() / 8;
    byte[] samples = new byte[bands * width * header.height()];
    for (int y = 0; y < header.height(); y++) {
      int row = header.topDown() ? y : header.height() - 1 - y;
      int in = (int) (header.pixels() + header.stride() * row);
      int out = bands * width * y;
      for (int x = 0; x < width; x++, in += pixelBytes, out += bands) {
        int pixel = pixel(bytes, in, pixelBytes);
        for (int band = 0; band < bands; band++) {
          samples[out + band] = scaled(pixel, header.masks()[band]);
        }
      }
    }
    return samples;
  }

  private static int pixel(byte[] bytes, int at, int length) {
    int pixel = 0;
    for (int i = length - 1; i >= 0; i--) {
      pixel = pixel << 8 | (bytes[at + i] & 0xFF);
    }
    return pixel;
  }

  private static byte scaled(int pixel, int mask) {
    int shift = Integer.numberOfTrailingZeros(mask);
    return (byte) (((pixel & mask) >>> shift) * 255L / (mask >>> shift));
  }
}
