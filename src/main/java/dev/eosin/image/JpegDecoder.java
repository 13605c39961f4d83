package dev.eosin.image;

import java.awt.image.DataBufferByte;
import java.io.IOException;
import java.util.Optional;
import javax.imageio.ImageReader;
import javax.imageio.spi.ImageReaderSpi;

/// JPEG through libturbojpeg or the JDK's libjpeg, which decodes and upsamples like Pillow's
/// libjpeg-turbo to the last bit. The raw samples are taken and coloured here, because the JDK
/// guesses colour spaces by other rules than libjpeg's and `getRGB` of a grey image applies a
/// gamma.
final class JpegDecoder {
  private static final ImageReaderSpi READER =
      ImageReaders.named("com.sun.imageio.plugins.jpeg.JPEGImageReaderSpi");

  private JpegDecoder() {}

  static Raster decode(byte[] bytes, long maxPixels, JpegDecoding how) throws IOException {
    JpegHeader header = JpegHeader.parse(bytes);
    UnreadableImageException.requireSize(header.width(), header.height(), maxPixels);
    int reduction = how.reduction(header.width(), header.height());
    Optional<Raster> quick =
        how.library().flatMap(library -> library.decode(bytes, header, reduction));
    return quick.isPresent() ? quick.get() : decodeByJdk(bytes, header);
  }

  private static Raster decodeByJdk(byte[] bytes, JpegHeader header) throws IOException {
    int bands = header.componentIds().size();
    byte[] samples = samples(bytes, header, bands);
    return switch (bands) {
      case 1 -> new Raster.Bands(Raster.Mode.GREY, header.width(), header.height(), samples);
      case 3 -> {
        if (header.isLumaChroma()) {
          LumaChroma.toRgb(samples, 3);
        }
        yield new RgbImage(header.width(), header.height(), samples);
      }
      case 4 -> {
        if (header.isLumaChromaBlack()) {
          LumaChroma.toRgb(samples, 4);
        } else {
          invert(samples);
        }
        yield new Raster.Bands(Raster.Mode.CMYK, header.width(), header.height(), samples);
      }
      default ->
          throw new UnreadableImageException(
              "a JPEG with %d components; 1, 3 or 4 are supported".formatted(bands));
    };
  }

  private static byte[] samples(byte[] bytes, JpegHeader header, int bands) throws IOException {
    ByteArrayInput input = new ByteArrayInput(bytes);
    ImageReader reader = READER.createReaderInstance();
    try {
      reader.setInput(input, true, true);
      java.awt.image.Raster raster = reader.readRaster(0, null);
      if (input.readPastEnd()) {
        throw new UnreadableImageException("truncated JPEG: its image data ends too early");
      }
      if (raster.getDataBuffer() instanceof DataBufferByte data
          && raster.getNumBands() == bands
          && data.getData().length == bands * header.width() * header.height()) {
        return data.getData();
      }
      throw new UnreadableImageException("corrupt JPEG: its parts disagree about its size");
    } finally {
      reader.dispose();
    }
  }

  /// Adobe stores 255 minus ink, and every CMYK JPEG in use follows Adobe.
  private static void invert(byte[] samples) {
    for (int i = 0; i < samples.length; i++) {
      samples[i] = (byte) ~samples[i];
    }
  }
}
