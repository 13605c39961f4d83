package dev.eosin.image.formats;

import dev.eosin.image.UnreadableImageException;
import java.util.Map;
import java.util.Set;

/// How the parts of a TIFF file are packed: what is read, and the names of what is not.
final class TiffCompression {
  static final long LZMA = 34925;
  static final long ZSTD = 50000;

  private static final long JPEG = 7;

  /// Of two levels only: CCITT's three.
  private static final Set<Long> FAX = Set.of(2L, 3L, 4L);

  /// None, LZW, JPEG, deflate twice, PackBits and those above.
  private static final Set<Long> READ =
      Set.of(1L, 2L, 3L, 4L, 5L, JPEG, 8L, 32773L, 32946L, LZMA, ZSTD);

  /// Aperio's two kinds and Leica's.
  private static final Set<Long> JPEG_2000 = Set.of(33003L, 33005L, 34712L);

  private static final Set<TiffKind> IN_JPEG =
      Set.of(TiffKind.GREY, TiffKind.RGB, TiffKind.YCBCR, TiffKind.CMYK);

  private static final Map<Long, String> NAMES =
      Map.ofEntries(
          Map.entry(6L, "JPEG of the old kind"),
          Map.entry(9L, "JBIG"),
          Map.entry(10L, "JBIG"),
          Map.entry(32766L, "NeXT's runs"),
          Map.entry(32771L, "CCITT runs of words"),
          Map.entry(32809L, "ThunderScan"),
          Map.entry(32908L, "Pixar film"),
          Map.entry(32909L, "Pixar log"),
          Map.entry(34661L, "JBIG"),
          Map.entry(34676L, "SGI log luminance"),
          Map.entry(34677L, "SGI log luminance"),
          Map.entry(34887L, "LERC"),
          Map.entry(34892L, "lossy JPEG"),
          Map.entry(34933L, "PNG"),
          Map.entry(22610L, "JPEG XR"),
          Map.entry(34934L, "JPEG XR"),
          Map.entry(50001L, "WebP"),
          Map.entry(50002L, "JPEG XL"),
          Map.entry(52546L, "JPEG XL"));

  private TiffCompression() {}

  /// @throws UnreadableImageException naming the compression, when it is not read
  static void require(TiffLayout layout) throws UnreadableImageException {
    long compression = layout.compression();
    if (JPEG_2000.contains(compression)) {
      throw new UnreadableImageException(
          "a TIFF compressed with JPEG 2000, as whole slides are; cut tiles out of it and save them"
              + " as PNG or JPEG");
    }
    if (!READ.contains(compression)) {
      String name = NAMES.getOrDefault(compression, "an unknown method");
      throw TiffKind.refusal("compression %d (%s)".formatted(compression, name));
    }
    if (FAX.contains(compression) && (layout.bits() != 1 || layout.samples() != 1)) {
      throw new UnreadableImageException(
          "corrupt TIFF: CCITT compression of %d samples of %d bits"
              .formatted(layout.samples(), layout.bits()));
    }
    if (compression == JPEG && layout.planar()) {
      throw TiffKind.refusal("a JPEG for each band");
    }
  }

  /// @throws UnreadableImageException for bands that JPEG has no usual order of
  static void requireJpegOf(TiffLayout layout, TiffKind kind) throws UnreadableImageException {
    if (isJpeg(layout) && (layout.bits() != 8 || !IN_JPEG.contains(kind))) {
      throw TiffKind.refusal(
          "JPEG of %d bands of %d bits".formatted(layout.samples(), layout.bits()));
    }
  }

  static boolean isJpeg(TiffLayout layout) {
    return layout.compression() == JPEG;
  }

  /// Whether the reader of TIFF files needs the parts unpacked before.
  static boolean isUnpackedFirst(TiffLayout layout) {
    return layout.compression() == LZMA || layout.compression() == ZSTD;
  }
}
