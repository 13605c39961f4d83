package dev.eosin.image.formats;

import dev.eosin.image.UnreadableImageException;
import java.util.Arrays;
import java.util.Set;

/// What a BMP file says before its pixels.
///
/// @param topDown whether the first row of the file is the top one
/// @param bits of a pixel: 1, 2, 4, 8, 16, 24 or 32
/// @param masks of red, green, blue and alpha in a pixel of 16 bits or more; 0 for no alpha
/// @param palette [256, 3] red, green and blue; zeros behind the file's own colours
/// @param colours how many of the palette's colours the file has
/// @param pixels where they start in the file
@SuppressWarnings("ArrayRecordComponent") // read once: identity equality is meant
record BmpHeader(
    int width,
    int height,
    boolean topDown,
    int bits,
    Packing packing,
    int[] masks,
    byte[] palette,
    int colours,
    long pixels) {
  private static final int FILE_HEADER = 14;
  private static final int OLDEST = 12;
  private static final int MASKS_FOLLOW = 40;
  private static final int WITHOUT_ALPHA = 52;
  private static final int SECOND_OS2 = 64;
  private static final int ALPHA_MASKED = 6;

  /// Windows 3 to 5 and OS/2 2; 12 is OS/2 1.
  private static final Set<Long> SIZES = Set.of(40L, 52L, 56L, 64L, 108L, 124L);

  private static final Set<Integer> DEPTHS = Set.of(1, 2, 4, 8, 16, 24, 32);
  private static final int[] MASKS_16 = {0x7C00, 0x03E0, 0x001F, 0};
  private static final int[] MASKS_32 = {0xFF0000, 0xFF00, 0xFF, 0};
  private static final int[] MASKS_32_ALPHA = {0xFF0000, 0xFF00, 0xFF, 0xFF000000};

  /// How pixels are stored.
  enum Packing {
    PLAIN,
    RUNS_8,
    RUNS_4,
    MASKED
  }

  /// @throws UnreadableImageException when the file ends too early or is of a kind that is not read
  static BmpHeader parse(byte[] bytes) throws UnreadableImageException {
    LittleEndian file = new LittleEndian(bytes, "BMP");
    long size = file.unsignedInt(FILE_HEADER);
    if (size != OLDEST && !SIZES.contains(size)) {
      throw refusal("a header of %d bytes".formatted(size));
    }
    boolean oldest = size == OLDEST;
    int at = FILE_HEADER + 4;
    int width = oldest ? file.unsignedShort(at) : file.signedInt(at);
    int height = oldest ? file.unsignedShort(at + 2) : file.signedInt(at + 4);
    int bits = file.unsignedShort(oldest ? at + 6 : at + 10);
    long compression = oldest ? 0 : file.unsignedInt(at + 12);
    Packing packing = packing(compression, size, bits);
    long named = oldest ? 0 : file.unsignedInt(at + 28);
    int[] masks =
        packing == Packing.MASKED ? masks(file, size, compression, bits) : usualMasks(bits);
    return withPalette(
        file,
        new BmpHeader(
            width,
            Math.absExact(height),
            height < 0,
            bits,
            packing,
            masks,
            new byte[3 * 256],
            bits > 8 ? 0 : (int) Math.min(named == 0 ? 1L << bits : named, 1 << 16),
            file.unsignedInt(FILE_HEADER - 4)),
        (int) size);
  }

  /// Bytes of a row; rows start at multiples of four bytes.
  long stride() {
    return ((long) width * bits + 31) / 32 * 4;
  }

  /// Whether the palette is nothing but the greys that the indices name.
  boolean isGrey() {
    for (int i = 0; i < Math.min(colours, 256); i++) {
      for (int band = 0; band < 3; band++) {
        if ((palette[3 * i + band] & 0xFF) != i) {
          return false;
        }
      }
    }
    return bits == 8;
  }

  private static Packing packing(long compression, long headerSize, int bits)
      throws UnreadableImageException {
    boolean os2 = headerSize == SECOND_OS2;
    if (!os2 && (compression == 4 || compression == 5)) {
      throw refusal("a %s inside".formatted(compression == 4 ? "JPEG" : "PNG"));
    }
    if (!DEPTHS.contains(bits)) {
      throw refusal("%d bits a pixel".formatted(bits));
    }
    if (compression == 0) {
      return Packing.PLAIN;
    }
    if (compression == 1 && bits == 8) {
      return Packing.RUNS_8;
    }
    if (compression == 2 && bits == 4) {
      return Packing.RUNS_4;
    }
    if (!os2 && bits >= 16 && (compression == 3 || compression == ALPHA_MASKED)) {
      return Packing.MASKED;
    }
    throw refusal("compression %d at %d bits a pixel".formatted(compression, bits));
  }

  private static int[] usualMasks(int bits) {
    return bits == 16 ? MASKS_16 : MASKS_32;
  }

  private static int[] masks(LittleEndian file, long headerSize, long compression, int bits)
      throws UnreadableImageException {
    int[] masks = new int[4];
    boolean alpha = headerSize > WITHOUT_ALPHA || compression == ALPHA_MASKED;
    for (int band = 0; band < (alpha ? 4 : 3); band++) {
      masks[band] = file.signedInt(FILE_HEADER + MASKS_FOLLOW + 4L * band);
    }
    if (bits == 32 && Arrays.equals(masks, new int[4])) {
      return MASKS_32_ALPHA;
    }
    for (int band = 0; band < 4; band++) {
      boolean none = band == 3 && masks[band] == 0;
      if (!none && !isOneRun(masks[band], bits)) {
        throw refusal(
            "the bit fields %08X, %08X, %08X and %08X"
                .formatted(masks[0], masks[1], masks[2], masks[3]));
      }
    }
    return masks;
  }

  /// Whether the ones of a mask are neighbours, and inside of a pixel.
  private static boolean isOneRun(int mask, int bits) {
    long wide = Integer.toUnsignedLong(mask);
    long ones = wide >>> Long.numberOfTrailingZeros(wide);
    return wide != 0 && wide >>> bits == 0 && (ones & ones + 1) == 0;
  }

  private static BmpHeader withPalette(LittleEndian file, BmpHeader header, int size)
      throws UnreadableImageException {
    int entry = size == OLDEST ? 3 : 4;
    boolean masksFollow = header.packing == Packing.MASKED && size == MASKS_FOLLOW;
    long start = FILE_HEADER + size + (masksFollow ? 12L : 0);
    byte[] palette = header.palette;
    for (int i = 0; i < Math.min(header.colours, 256); i++) {
      for (int band = 0; band < 3; band++) {
        palette[3 * i + band] = (byte) file.unsignedByte(start + (long) entry * i + 2 - band);
      }
    }
    long behind = start + (long) entry * header.colours;
    // Some writers forget the palette when they say where the pixels are.
    boolean forgotten = header.bits <= 8 && header.pixels == FILE_HEADER + size;
    return header.startingAt(forgotten || header.pixels == 0 ? behind : header.pixels);
  }

  private BmpHeader startingAt(long position) {
    return new BmpHeader(width, height, topDown, bits, packing, masks, palette, colours, position);
  }

  private static UnreadableImageException refusal(String what) {
    return new UnreadableImageException(
        "a BMP with %s is not supported; convert it, for example with ImageMagick: magick x.bmp"
                .formatted(what)
            + " x.png");
  }
}
