package dev.eosin.image.formats;

import dev.eosin.image.UnreadableImageException;
import java.util.List;
import java.util.Set;

/// What the samples of a TIFF file mean. These are the kinds that Pillow opens and on whose pixels
/// everybody agrees; any other is refused by name, for no reader guesses alike.
enum TiffKind {
  TWO_LEVEL,
  /// 1 to 8 bits; or 12 or 16, which stay as they are.
  GREY,
  GREY_ALPHA,
  PALETTE,
  RGB,
  /// A fourth sample that means nothing.
  RGB_AND_MORE,
  RGB_ALPHA,
  /// Colours are stored times alpha.
  RGB_TIMES_ALPHA,
  CMYK,
  /// Luma and chroma inside of JPEG, whose decoder makes RGB of them.
  YCBCR,
  /// L*, and signed a* and b*.
  LAB;

  private static final Set<Integer> SMALL = Set.of(2, 4, 8);
  private static final long WHITE_IS_ZERO = 0;
  private static final int UNSIGNED = 1;
  private static final int SIGNED = 2;
  private static final long COREL_ALPHA = 999;

  /// @throws UnreadableImageException naming the kind, when it is not read
  static TiffKind of(TiffLayout layout, TiffTags tags) throws UnreadableImageException {
    requireFormat(layout);
    return switch ((int) layout.photometric()) {
      case 0, 1 -> grey(layout, tags);
      case 2 -> rgb(layout);
      case 3 -> palette(layout);
      case 5 -> cmyk(layout, tags);
      case 6 -> luma(layout);
      case 8 -> lab(layout);
      case -1 -> throw refusal("no photometric interpretation, so that its colours are a guess");
      case 4 -> throw refusal("a transparency mask as its first image");
      case 9, 10 -> throw refusal("CIELAB colours of the ICC or ITU kind");
      case 32803, 34892 -> throw refusal("raw samples of a camera");
      case 32844, 32845 -> throw refusal("log luminances");
      default -> throw refusal("photometric interpretation %d".formatted(layout.photometric()));
    };
  }

  /// The sentence for a kind that is not read.
  ///
  /// @param what follows 'a TIFF with'
  static UnreadableImageException refusal(String what) {
    return new UnreadableImageException(
        "a TIFF with %s is not supported; convert it, for example with ImageMagick: magick x.tif"
                .formatted(what)
            + " -depth 8 x.png");
  }

  private static void requireFormat(TiffLayout layout) throws UnreadableImageException {
    boolean signedBytes =
        layout.sampleFormat() == SIGNED
            && layout.bits() == 8
            && layout.samples() == 1
            && layout.photometric() == 1;
    if (layout.sampleFormat() == 3) {
      throw refusal(
          "floating-point samples of %d bits, whose black and white are nowhere written,"
              .formatted(layout.bits()));
    }
    if (layout.bits() > 16) {
      throw refusal(
          "samples of %d bits, whose black and white are nowhere written,"
              .formatted(layout.bits()));
    }
    if (layout.sampleFormat() != UNSIGNED && !signedBytes) {
      throw refusal(
          "%s samples of %d bits"
              .formatted(
                  layout.sampleFormat() == SIGNED ? "signed" : "complex or undefined",
                  layout.bits()));
    }
  }

  private static TiffKind grey(TiffLayout layout, TiffTags tags) throws UnreadableImageException {
    boolean whiteIsZero = layout.photometric() == WHITE_IS_ZERO;
    int bits = layout.bits();
    if (layout.samples() == 2 && bits == 8 && !whiteIsZero && layout.extras().equals(List.of(2L))) {
      return GREY_ALPHA;
    }
    if (layout.samples() != 1) {
      throw refusal(
          "%d grey bands (extra samples %s)".formatted(layout.samples(), layout.extras()));
    }
    if (bits == 1) {
      return TWO_LEVEL;
    }
    if (bits > 8 && whiteIsZero) {
      throw refusal("%d bits of grey whose zero is white".formatted(bits));
    }
    if (SMALL.contains(bits) || bits == 16 || (bits == 12 && tags.littleEndian())) {
      return GREY;
    }
    throw refusal("%d bits of grey".formatted(bits));
  }

  private static TiffKind rgb(TiffLayout layout) throws UnreadableImageException {
    requireDepth(layout, "RGB");
    if (layout.samples() == 3 && layout.extras().isEmpty()) {
      return RGB;
    }
    long extra = layout.extras().isEmpty() ? 2 : layout.extras().getFirst();
    if (layout.samples() == 4 && layout.extras().size() <= 1) {
      if (extra == 0) {
        return RGB_AND_MORE;
      }
      if (extra == 1) {
        return RGB_TIMES_ALPHA;
      }
      if (extra == 2 || extra == COREL_ALPHA) {
        return RGB_ALPHA;
      }
    }
    throw refusal(
        "%d bands of RGB (extra samples %s)".formatted(layout.samples(), layout.extras()));
  }

  private static TiffKind palette(TiffLayout layout) throws UnreadableImageException {
    if (layout.samples() != 1 || (layout.bits() != 1 && !SMALL.contains(layout.bits()))) {
      throw refusal(
          "a palette and %d samples of %d bits".formatted(layout.samples(), layout.bits()));
    }
    return PALETTE;
  }

  private static TiffKind cmyk(TiffLayout layout, TiffTags tags) throws UnreadableImageException {
    requireDepth(layout, "CMYK");
    if (layout.samples() != 4
        || !layout.extras().isEmpty()
        || tags.number(TiffTags.INK_SET).orElse(1) != 1) {
      throw refusal(
          "%d inks, or others than cyan, magenta, yellow and black,".formatted(layout.samples()));
    }
    return CMYK;
  }

  private static TiffKind luma(TiffLayout layout) throws UnreadableImageException {
    if (!TiffCompression.isJpeg(layout) || layout.samples() != 3 || layout.bits() != 8) {
      throw refusal("luma and chroma (YCbCr) outside of JPEG");
    }
    return YCBCR;
  }

  private static TiffKind lab(TiffLayout layout) throws UnreadableImageException {
    if (layout.samples() != 3 || layout.bits() != 8 || TiffCompression.isJpeg(layout)) {
      throw refusal(
          "CIELAB colours of %d samples of %d bits, or inside of JPEG,"
              .formatted(layout.samples(), layout.bits()));
    }
    return LAB;
  }

  private static void requireDepth(TiffLayout layout, String colours)
      throws UnreadableImageException {
    if (layout.bits() != 8 && layout.bits() != 16) {
      throw refusal("%s of %d bits a sample".formatted(colours, layout.bits()));
    }
  }
}
