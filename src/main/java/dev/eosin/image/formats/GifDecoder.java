package dev.eosin.image.formats;

import dev.eosin.image.Raster;
import dev.eosin.image.UnreadableImageException;
import java.util.Arrays;

/// The first frame of a GIF file on its canvas, as Pillow opens it: what the frame leaves open has
/// the transparent index, or index 0 where there is none, and conversion gives transparent pixels
/// their palette's colour. Own code, because Java's reader gives the frame without the canvas.
final class GifDecoder {
  private static final int[] PASS_STARTS = {0, 4, 2, 1};
  private static final int[] PASS_STEPS = {8, 8, 4, 2};

  private GifDecoder() {}

  /// @throws UnreadableImageException when it is truncated or corrupt
  static Raster decode(byte[] bytes, long maxPixels) throws UnreadableImageException {
    GifFrame frame = GifFrame.first(bytes);
    int width = frame.canvasWidth();
    int height = frame.canvasHeight();
    UnreadableImageException.requireSize(width, height, maxPixels);
    byte[] rows =
        GifCodes.unpack(
            new LittleEndian(bytes, "GIF"), frame.data(), frame.width() * frame.height());
    byte[] canvas = new byte[width * height];
    Arrays.fill(canvas, (byte) frame.transparent().orElse(0));
    int[] order = order(frame);
    for (int i = 0; i < order.length; i++) {
      int target = (frame.top() + order[i]) * width + frame.left();
      System.arraycopy(rows, i * frame.width(), canvas, target, frame.width());
    }
    return frame.grey()
        ? new Raster.Bands(Raster.Mode.GREY, width, height, canvas)
        : new Raster.Paletted(width, height, canvas, frame.palette());
  }

  /// The row of the picture that each row of the file is.
  private static int[] order(GifFrame frame) {
    int[] order = new int[frame.height()];
    Arrays.setAll(order, row -> row);
    if (!frame.interlaced()) {
      return order;
    }
    int at = 0;
    for (int pass = 0; pass < PASS_STARTS.length; pass++) {
      for (int row = PASS_STARTS[pass]; row < order.length; row += PASS_STEPS[pass]) {
        order[at++] = row;
      }
    }
    return order;
  }
}
