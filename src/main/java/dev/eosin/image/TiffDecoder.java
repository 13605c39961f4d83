package dev.eosin.image;

import java.io.IOException;
import javax.imageio.ImageReader;
import javax.imageio.spi.ImageReaderSpi;

/// The first image of a TIFF file, through TwelveMonkeys' reader.
final class TiffDecoder {
  private static final ImageReaderSpi READER =
      ImageReaders.named("com.twelvemonkeys.imageio.plugins.tiff.TIFFImageReaderSpi");

  private TiffDecoder() {}

  static Raster decode(byte[] bytes, long maxPixels) throws IOException {
    ImageReader reader = READER.createReaderInstance();
    try {
      reader.setInput(new ByteArrayInput(bytes), true, true);
      UnreadableImageException.requireSize(reader.getWidth(0), reader.getHeight(0), maxPixels);
      return BufferedImages.toRaster(reader.read(0));
    } finally {
      reader.dispose();
    }
  }
}
