package dev.eosin.image.formats;

import dev.eosin.image.Raster;
import dev.eosin.image.RgbImage;
import dev.eosin.image.UnreadableImageException;
import java.awt.image.DataBufferByte;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import javax.imageio.ImageReader;
import javax.imageio.spi.ImageReaderSpi;

/// JPEG through libturbojpeg or the JDK's libjpeg, which decodes and upsamples like Pillow's
/// libjpeg-turbo to the last bit. The raw samples are taken and coloured here, because the JDK
/// guesses colour spaces by other rules than libjpeg's and `getRGB` of a grey image applies a
/// gamma.
public final class JpegDecoder {
  private static final ImageReaderSpi READER =
      ImageReaders.named("com.sun.imageio.plugins.jpeg.JPEGImageReaderSpi");

  private static final int START_OF_SCAN = 0xDA;
  private static final int PROFILE = 0xE2;
  private static final int COMMENT = 0xFE;
  private static final byte[] ICC = "ICC_PROFILE\0".getBytes(StandardCharsets.US_ASCII);

  private JpegDecoder() {}

  public static Raster decode(byte[] bytes, long maxPixels, JpegDecoding how) throws IOException {
    JpegHeader header = JpegHeader.parse(bytes);
    UnreadableImageException.requireSize(header.width(), header.height(), maxPixels);
    JpegScans.requireFew(bytes);
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
    ByteArrayInput input = new ByteArrayInput(withoutProfiles(bytes));
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

  /// Colour profiles are not applied, and Java's reader refuses files whose profile is cut up in a
  /// way that it does not expect: what names itself one becomes a comment.
  private static byte[] withoutProfiles(byte[] bytes) {
    byte[] result = bytes;
    int position = 2;
    while (position + 16 <= bytes.length && (bytes[position] & 0xFF) == 0xFF) {
      int marker = bytes[position + 1] & 0xFF;
      if (marker == START_OF_SCAN) {
        break;
      }
      int name = position + 4;
      if (marker == PROFILE && Arrays.equals(bytes, name, name + ICC.length, ICC, 0, ICC.length)) {
        result = result == bytes ? bytes.clone() : result;
        result[position + 1] = (byte) COMMENT;
      }
      int length = (bytes[position + 2] & 0xFF) << 8 | (bytes[position + 3] & 0xFF);
      position += marker == 0xFF ? 1 : 2 + Math.max(length, 2);
    }
    return result;
  }

  /// Adobe stores 255 minus ink, and every CMYK JPEG in use follows Adobe.
  private static void invert(byte[] samples) {
    for (int i = 0; i < samples.length; i++) {
      samples[i] = (byte) ~samples[i];
    }
  }
}
