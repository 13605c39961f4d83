package dev.eosin.image;

import java.io.IOException;
import java.util.Set;
import javax.imageio.ImageReader;
import javax.imageio.spi.ImageReaderSpi;

/// The first image of a TIFF file, through TwelveMonkeys' reader, turned upright as in Pillow.
final class TiffDecoder {
  private static final ImageReaderSpi READER =
      ImageReaders.named("com.twelvemonkeys.imageio.plugins.tiff.TIFFImageReaderSpi");

  /// Photometric interpretations 0 and 1 are grey.
  private static final int BLACK_IS_ZERO = 1;

  /// Aperio's two kinds and Leica's.
  private static final Set<Long> JPEG_2000 = Set.of(33003L, 33005L, 34712L);

  private static final int MOST_BANDS = 4;
  private static final long LARGEST_USUAL_TILE = 1L << 20;

  private TiffDecoder() {}

  static Raster decode(byte[] bytes, long maxPixels) throws IOException {
    TiffTags tags = new TiffTags(bytes, 0, bytes.length);
    requireSoundLayout(tags, maxPixels);
    ImageReader reader = READER.createReaderInstance();
    try {
      reader.setInput(new ByteArrayInput(bytes), true, true);
      UnreadableImageException.requireSize(reader.getWidth(0), reader.getHeight(0), maxPixels);
      Raster image = withoutGreyTable(BufferedImages.toRaster(reader.read(0)), tags);
      return Upright.turn(image, ExifOrientation.ofBlock(bytes, 0, bytes.length));
    } finally {
      reader.dispose();
    }
  }

  /// The reader gives 2 and 4 bits of grey as indices.
  private static Raster withoutGreyTable(Raster image, TiffTags tags) {
    boolean grey = tags.number(TiffTags.PHOTOMETRIC).orElse(0) <= BLACK_IS_ZERO;
    boolean twoLevels = tags.number(TiffTags.BITS_PER_SAMPLE).orElse(1) == 1;
    return grey && !twoLevels && image instanceof Raster.Paletted greys ? greys.toGrey() : image;
  }

  /// What the reader cannot do, and numbers that it believes and reserves memory for.
  private static void requireSoundLayout(TiffTags tags, long maxPixels)
      throws UnreadableImageException {
    long compression = tags.number(TiffTags.COMPRESSION).orElse(1);
    if (JPEG_2000.contains(compression)) {
      throw new UnreadableImageException(
          "a TIFF compressed with JPEG 2000, as whole slides are; cut tiles out of it and save them"
              + " as PNG or JPEG");
    }
    long bands = tags.number(TiffTags.SAMPLES_PER_PIXEL).orElse(1);
    if (bands > MOST_BANDS) {
      throw new UnreadableImageException(
          "an image with %d bands; 1 to %d are supported".formatted(bands, MOST_BANDS));
    }
    long tileWidth = tags.number(TiffTags.TILE_WIDTH).orElse(1);
    long tileHeight = tags.number(TiffTags.TILE_HEIGHT).orElse(1);
    long limit = Math.max(maxPixels, LARGEST_USUAL_TILE);
    if (tileWidth > 0 && tileHeight > limit / tileWidth) {
      throw new UnreadableImageException(
          "corrupt TIFF: it says that its tiles are %d x %d px".formatted(tileWidth, tileHeight));
    }
  }
}
