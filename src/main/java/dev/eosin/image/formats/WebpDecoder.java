package dev.eosin.image.formats;

import com.luciad.imageio.webp.WebP;
import com.luciad.imageio.webp.WebPDecoderOptions;
import dev.eosin.image.Raster;
import dev.eosin.image.RgbImage;
import dev.eosin.image.UnreadableImageException;
import java.io.IOException;

/// WebP, lossy and lossless, through libwebp: the decoder that Pillow uses.
final class WebpDecoder {
  private static final int EXTENDED_FLAGS = 20;
  private static final int ANIMATION = 0x02;

  /// Where libwebp's binding says what it decoded.
  private static final int WIDTH = 1;

  private static final int HEIGHT = 2;
  private static final int ALPHA = 3;

  private WebpDecoder() {}

  /// @throws UnreadableImageException also for animations, and where no libwebp is packaged
  static Raster decode(byte[] bytes, long maxPixels) throws IOException {
    boolean extended = bytes.length > EXTENDED_FLAGS && bytes[15] == 'X';
    if (extended && (bytes[EXTENDED_FLAGS] & ANIMATION) != 0) {
      throw new UnreadableImageException("an animated WebP; save one of its pictures");
    }
    if (!WebP.loadNativeLibrary()) {
      throw new UnreadableImageException(
          "WebP cannot be read on this machine; save it as PNG or JPEG");
    }
    int[] size = size(bytes);
    UnreadableImageException.requireSize(size[0], size[1], maxPixels);
    int[] layout = new int[ALPHA + 1];
    int[] colours = WebP.decode(new WebPDecoderOptions(), bytes, 0, bytes.length, layout);
    int width = layout[WIDTH];
    int height = layout[HEIGHT];
    return layout[ALPHA] == 0
        ? new RgbImage(width, height, interleaved(colours, 3))
        : new Raster.Bands(Raster.Mode.RGB_ALPHA, width, height, interleaved(colours, 4));
  }

  /// @param colours alpha, red, green and blue of a pixel, highest byte first
  private static byte[] interleaved(int[] colours, int bands) {
    byte[] samples = new byte[bands * colours.length];
    for (int i = 0, j = 0; i < colours.length; i++, j += bands) {
      samples[j] = (byte) (colours[i] >> 16);
      samples[j + 1] = (byte) (colours[i] >> 8);
      samples[j + 2] = (byte) colours[i];
      if (bands == 4) {
        samples[j + 3] = (byte) (colours[i] >> 24);
      }
    }
    return samples;
  }

  private static int[] size(byte[] bytes) throws UnreadableImageException {
    try {
      return WebP.getInfo(bytes, 0, bytes.length);
    } catch (IOException broken) {
      throw new UnreadableImageException("truncated or corrupt WebP; save it again or replace it");
    }
  }
}
