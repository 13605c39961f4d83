package dev.eosin.image.formats;

import dev.eosin.image.ModeConversion;
import dev.eosin.image.Raster;
import dev.eosin.image.RgbImage;
import dev.eosin.image.UnreadableImageException;
import java.io.IOException;
import javax.imageio.ImageReader;
import javax.imageio.spi.ImageReaderSpi;

/// The first image of a TIFF or BigTIFF file, through TwelveMonkeys' reader, turned upright as in
/// Pillow.
final class TiffDecoder {
  private static final ImageReaderSpi READER =
      ImageReaders.named("com.twelvemonkeys.imageio.plugins.tiff.BigTIFFImageReaderSpi");

  private static final long LARGEST_USUAL_TILE = 1L << 20;

  private TiffDecoder() {}

  static Raster decode(byte[] bytes, long maxPixels) throws IOException {
    TiffTags tags = new TiffTags(bytes, 0, bytes.length);
    TiffLayout layout = TiffLayout.of(tags);
    requireSoundSizes(layout, maxPixels);
    TiffCompression.require(layout);
    TiffKind kind = TiffKind.of(layout, tags);
    TiffCompression.requireJpegOf(layout, kind);
    boolean anew = TiffCompression.isUnpackedFirst(layout) || kind == TiffKind.LAB;
    Raster image = read(anew ? TiffCopy.of(bytes, tags, layout) : bytes, maxPixels);
    return Upright.turn(ofKind(image, kind), WrittenOrientation.ofTiff(tags));
  }

  private static Raster read(byte[] bytes, long maxPixels) throws IOException {
    ImageReader reader = READER.createReaderInstance();
    try {
      reader.setInput(new ByteArrayInput(bytes), true, true);
      UnreadableImageException.requireSize(reader.getWidth(0), reader.getHeight(0), maxPixels);
      return BufferedImages.toRaster(reader.read(0));
    } finally {
      reader.dispose();
    }
  }

  /// What the reader leaves to be done.
  private static Raster ofKind(Raster image, TiffKind kind) throws UnreadableImageException {
    return switch (kind) {
      // The reader gives 2 and 4 bits as indices.
      case GREY -> image instanceof Raster.Paletted greys ? greys.toGrey() : image;
      case TWO_LEVEL, GREY_ALPHA, PALETTE, RGB, RGB_ALPHA, CMYK, YCBCR -> image;
      case RGB_AND_MORE -> image.toRgb();
      case RGB_TIMES_ALPHA -> {
        byte[] samples = samples(image);
        ModeConversion.divideByAlpha(samples);
        yield new Raster.Bands(Raster.Mode.RGB_ALPHA, image.width(), image.height(), samples);
      }
      case LAB -> {
        byte[] samples = samples(image);
        ModeConversion.signToOffset(samples);
        yield new Raster.Bands(Raster.Mode.LAB, image.width(), image.height(), samples);
      }
    };
  }

  private static byte[] samples(Raster image) throws UnreadableImageException {
    return switch (image) {
      case RgbImage rgb -> rgb.pixels();
      case Raster.Bands bands -> bands.samples();
      case Raster.Paletted _, Raster.Grey16 _ ->
          throw new UnreadableImageException("corrupt TIFF: its fields contradict one another");
    };
  }

  /// Numbers that memory would be reserved for.
  private static void requireSoundSizes(TiffLayout layout, long maxPixels)
      throws UnreadableImageException {
    UnreadableImageException.requireSize(layout.width(), layout.height(), maxPixels);
    long limit = Math.max(maxPixels, LARGEST_USUAL_TILE);
    if (layout.tileWidth() < 1
        || layout.tileHeight() < 1
        || layout.tiled() && layout.tileHeight() > limit / layout.tileWidth()) {
      throw new UnreadableImageException(
          "corrupt TIFF: it says that its tiles are %d x %d px"
              .formatted(layout.tileWidth(), layout.tileHeight()));
    }
  }
}
