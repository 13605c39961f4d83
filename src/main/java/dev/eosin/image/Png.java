package dev.eosin.image;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/// Writes PNG.
public final class Png {
  private Png() {}

  /// The bytes of a PNG file with exactly these pixels, 8 bits a band.
  public static byte[] encode(RgbImage image) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
    try (MemoryCacheImageOutputStream output = new MemoryCacheImageOutputStream(bytes)) {
      writer.setOutput(output);
      writer.write(buffered(image));
    } catch (IOException impossible) {
      throw new UncheckedIOException("writing to memory failed", impossible);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  /// Shares the pixels.
  static BufferedImage buffered(RgbImage image) {
    WritableRaster raster =
        Raster.createInterleavedRaster(
            new DataBufferByte(image.pixels(), image.pixels().length),
            image.width(),
            image.height(),
            3 * image.width(),
            3,
            new int[] {0, 1, 2},
            null);
    ColorSpace colours = ColorSpace.getInstance(ColorSpace.CS_sRGB);
    ComponentColorModel model =
        new ComponentColorModel(
            colours, false, false, ComponentColorModel.OPAQUE, DataBuffer.TYPE_BYTE);
    return new BufferedImage(model, raster, false, null);
  }
}
