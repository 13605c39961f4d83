package dev.eosin.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/// Writes JPEG, for whoever wants few bytes rather than exact pixels.
public final class Jpeg {
  private Jpeg() {}

  /// The bytes of a baseline JPEG file.
  ///
  /// @param quality 1 to 100
  public static byte[] encode(RgbImage image, int quality) {
    if (quality < 1 || quality > 100) {
      throw new IllegalArgumentException("the quality %d is not 1 to 100".formatted(quality));
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ImageWriteParam how = writer.getDefaultWriteParam();
    how.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
    how.setCompressionQuality(quality / 100f);
    try (MemoryCacheImageOutputStream output = new MemoryCacheImageOutputStream(bytes)) {
      writer.setOutput(output);
      writer.write(null, new IIOImage(Png.buffered(image), null, null), how);
    } catch (IOException impossible) {
      throw new UncheckedIOException("writing to memory failed", impossible);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }
}
