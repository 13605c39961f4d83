package dev.eosin.image.formats;

import dev.eosin.image.Raster;
import dev.eosin.image.UnreadableImageException;
import java.io.IOException;
import java.util.Iterator;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.spi.ImageReaderSpi;

/// PNG through the JDK's reader, with the bands of the file: a transparent colour (tRNS) of a grey
/// or RGB image adds no alpha, as in Pillow.
final class PngDecoder {
  private static final ImageReaderSpi READER =
      ImageReaders.named("com.sun.imageio.plugins.png.PNGImageReaderSpi");

  private static final int BIT_DEPTH = 24;
  private static final int COLOUR_TYPE = 25;

  private PngDecoder() {}

  static Raster decode(byte[] bytes, long maxPixels) throws IOException {
    if (bytes.length < 33) {
      throw new UnreadableImageException("truncated PNG: it ends inside the header");
    }
    UnreadableImageException.requireSize(intAt(bytes, 16), intAt(bytes, 20), maxPixels);
    int bands = bandsOfColourType(bytes[COLOUR_TYPE]);
    ImageReader reader = READER.createReaderInstance();
    try {
      reader.setInput(new ByteArrayInput(bytes), true, true);
      ImageReadParam parameters = reader.getDefaultReadParam();
      parameters.setDestinationType(typeWithBands(reader, bands));
      Raster image = BufferedImages.toRaster(reader.read(0, parameters));
      boolean fewGreys = bytes[COLOUR_TYPE] == 0 && bytes[BIT_DEPTH] > 1;
      return fewGreys && image instanceof Raster.Paletted greys ? greys.toGrey() : image;
    } finally {
      reader.dispose();
    }
  }

  private static long intAt(byte[] bytes, int position) {
    long value = 0;
    for (int i = 0; i < 4; i++) {
      value = value << 8 | (bytes[position + i] & 0xFF);
    }
    return value;
  }

  private static int bandsOfColourType(int type) throws UnreadableImageException {
    return switch (type) {
      case 0, 3 -> 1;
      case 2 -> 3;
      case 4 -> 2;
      case 6 -> 4;
      default -> throw new UnreadableImageException("corrupt PNG: colour type " + type);
    };
  }

  private static ImageTypeSpecifier typeWithBands(ImageReader reader, int bands)
      throws IOException {
    Iterator<ImageTypeSpecifier> types = reader.getImageTypes(0);
    while (types.hasNext()) {
      ImageTypeSpecifier type = types.next();
      if (type.getNumBands() == bands) {
        return type;
      }
    }
    throw new UnreadableImageException("a PNG of an unsupported kind");
  }
}
