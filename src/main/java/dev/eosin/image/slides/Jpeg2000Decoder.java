package dev.eosin.image.slides;

import dev.eosin.image.UnreadableImageException;
import dev.eosin.image.formats.ByteArrayInput;
import dev.eosin.image.formats.ImageReaders;
import java.io.IOException;
import javax.imageio.ImageReader;
import javax.imageio.spi.ImageReaderSpi;

/// JPEG 2000 in Java, for machines without libopenjp2.
final class Jpeg2000Decoder {
  private static final ImageReaderSpi READER =
      ImageReaders.named("com.github.jaiimageio.jpeg2000.impl.J2KImageReaderSpi");

  private Jpeg2000Decoder() {}

  /// @return [height, width, 3] uint8, the components as they are stored
  static byte[] decode(byte[] stream, int width, int height) throws IOException {
    ImageReader reader = READER.createReaderInstance();
    try {
      reader.setInput(new ByteArrayInput(stream), true, true);
      java.awt.image.Raster raster = reader.readRaster(0, null);
      int bands = raster.getNumBands();
      if (raster.getWidth() != width || raster.getHeight() != height) {
        throw new UnreadableImageException("corrupt JPEG 2000: its parts disagree about its size");
      }
      int[] row = new int[width * bands];
      byte[] samples = new byte[3 * width * height];
      for (int y = 0; y < height; y++) {
        raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
        for (int x = 0; x < width; x++) {
          for (int band = 0; band < 3; band++) {
            samples[3 * (y * width + x) + band] = (byte) row[x * bands + Math.min(band, bands - 1)];
          }
        }
      }
      return samples;
    } catch (RuntimeException broken) {
      // The decoder answers malformed streams with whatever its arrays throw.
      throw new UnreadableImageException("corrupt JPEG 2000: " + broken);
    } finally {
      reader.dispose();
    }
  }
}
