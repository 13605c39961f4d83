package dev.eosin.image.formats;

import dev.eosin.image.Raster;
import dev.eosin.image.RgbImage;
import dev.eosin.image.UnreadableImageException;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.IndexColorModel;
import java.awt.image.PixelInterleavedSampleModel;

/// Takes the stored samples out of Java's images, never their converted colours.
public final class BufferedImages {
  private BufferedImages() {}

  /// 16 bits become the high 8, except grey, which stays 16; 1, 2 and 4 bits of grey are spread to
  /// 0..255; two levels become a palette.
  ///
  /// @throws UnreadableImageException when the image is of a kind that Raster cannot hold
  public static Raster toRaster(BufferedImage image) throws UnreadableImageException {
    java.awt.image.Raster samples = image.getRaster();
    int width = image.getWidth();
    int height = image.getHeight();
    if (image.getColorModel() instanceof IndexColorModel colours) {
      byte[] indices = bytes(samples, image, 8);
      return new Raster.Paletted(width, height, indices, palette(colours));
    }
    int bits = samples.getSampleModel().getSampleSize(0);
    if (samples.getNumBands() == 1 && bits == 16) {
      return new Raster.Grey16(width, height, shorts(samples));
    }
    if (samples.getNumBands() == 1 && bits == 1) {
      return new Raster.Paletted(width, height, bytes(samples, image, 8), blackAndWhite());
    }
    byte[] bytes = bytes(samples, image, bits);
    return switch (samples.getNumBands()) {
      case 1 -> new Raster.Bands(Raster.Mode.GREY, width, height, bytes);
      case 2 -> new Raster.Bands(Raster.Mode.GREY_ALPHA, width, height, bytes);
      case 3 -> new RgbImage(width, height, bytes);
      case 4 -> {
        boolean inks = image.getColorModel().getColorSpace().getType() == ColorSpace.TYPE_CMYK;
        yield new Raster.Bands(
            inks ? Raster.Mode.CMYK : Raster.Mode.RGB_ALPHA, width, height, bytes);
      }
      default ->
          throw new UnreadableImageException(
              "an image with %d bands; 1 to 4 are supported".formatted(samples.getNumBands()));
    };
  }

  /// @param bits of a sample: what they hold is scaled to 8
  private static byte[] bytes(java.awt.image.Raster samples, BufferedImage image, int bits)
      throws UnreadableImageException {
    int type = samples.getTransferType();
    boolean whole = type == DataBuffer.TYPE_BYTE || type == DataBuffer.TYPE_USHORT;
    if (!whole || bits > 16) {
      throw new UnreadableImageException(
          "an image with %d-bit or floating samples (%s); 1 to 16 bits are supported"
              .formatted(bits, image.getColorModel().getClass().getSimpleName()));
    }
    if (isPlainBytes(samples)) {
      return ((DataBufferByte) samples.getDataBuffer()).getData();
    }
    int[] row = new int[samples.getWidth() * samples.getNumBands()];
    byte[] bytes = new byte[row.length * samples.getHeight()];
    int top = samples.getMinY();
    for (int y = 0; y < samples.getHeight(); y++) {
      samples.getPixels(samples.getMinX(), top + y, samples.getWidth(), 1, row);
      for (int i = 0; i < row.length; i++) {
        int value = bits > 8 ? row[i] >> (bits - 8) : row[i] * (255 / ((1 << bits) - 1));
        bytes[y * row.length + i] = (byte) value;
      }
    }
    return bytes;
  }

  /// Whether the data buffer already is [height, width, bands] in band order.
  private static boolean isPlainBytes(java.awt.image.Raster samples) {
    if (!(samples.getSampleModel() instanceof PixelInterleavedSampleModel model)
        || !(samples.getDataBuffer() instanceof DataBufferByte data)) {
      return false;
    }
    int bands = samples.getNumBands();
    int[] offsets = model.getBandOffsets();
    for (int band = 0; band < bands; band++) {
      if (offsets[band] != band) {
        return false;
      }
    }
    return model.getPixelStride() == bands
        && model.getScanlineStride() == bands * samples.getWidth()
        && data.getNumBanks() == 1
        && data.getOffset() == 0
        && data.getData().length == model.getScanlineStride() * samples.getHeight();
  }

  private static short[] shorts(java.awt.image.Raster samples) {
    int[] row = new int[samples.getWidth()];
    short[] shorts = new short[row.length * samples.getHeight()];
    for (int y = 0; y < samples.getHeight(); y++) {
      samples.getPixels(samples.getMinX(), samples.getMinY() + y, row.length, 1, row);
      for (int x = 0; x < row.length; x++) {
        shorts[y * row.length + x] = (short) row[x];
      }
    }
    return shorts;
  }

  private static byte[] palette(IndexColorModel colours) {
    byte[] palette = new byte[3 * 256];
    for (int i = 0; i < Math.min(colours.getMapSize(), 256); i++) {
      palette[3 * i] = (byte) colours.getRed(i);
      palette[3 * i + 1] = (byte) colours.getGreen(i);
      palette[3 * i + 2] = (byte) colours.getBlue(i);
    }
    return palette;
  }

  private static byte[] blackAndWhite() {
    byte[] palette = new byte[3 * 256];
    palette[3] = (byte) 255;
    palette[4] = (byte) 255;
    palette[5] = (byte) 255;
    return palette;
  }
}
