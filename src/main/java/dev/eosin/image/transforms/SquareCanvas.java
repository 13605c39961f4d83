package dev.eosin.image.transforms;

import dev.eosin.image.Raster;
import dev.eosin.image.RgbImage;
import dev.eosin.random.RandomStream;
import java.util.Arrays;

/// Lays an image in the middle of the smallest square that holds it, on one colour, and then does
/// what another transform does. Nothing is cut off, and its aspect is kept.
///
/// Source: LLaVA's `expand2square` (`mm_utils.py`): the square is as wide as the longer side, the
/// image begins at half of what is left, rounded down.
///
/// @param red of the canvas, 0 to 255
/// @param green of the canvas, 0 to 255
/// @param blue of the canvas, 0 to 255
/// @param inside what becomes of the square
public record SquareCanvas(int red, int green, int blue, EvaluationTransform inside)
    implements TileTransform {
  /// On the mean colour of a model's input, each channel cut to a whole number as LLaVA does.
  public static SquareCanvas ofMean(Normalisation normalisation, EvaluationTransform inside) {
    int[] colour = normalisation.mean().stream().mapToInt(mean -> (int) (mean * 255)).toArray();
    return new SquareCanvas(colour[0], colour[1], colour[2], inside);
  }

  @Override
  public int height() {
    return inside.height();
  }

  @Override
  public int width() {
    return inside.width();
  }

  @Override
  public RgbImage apply(Raster image, RandomStream random) {
    return inside.apply(laid(image.toRgb()), random);
  }

  /// The image on its canvas.
  RgbImage laid(RgbImage image) {
    int side = Math.max(image.width(), image.height());
    if (image.width() == image.height()) {
      return image;
    }
    byte[] pixels = new byte[3 * side * side];
    if (red == green && green == blue) {
      Arrays.fill(pixels, (byte) red);
    } else {
      for (int i = 0; i < pixels.length; i += 3) {
        pixels[i] = (byte) red;
        pixels[i + 1] = (byte) green;
        pixels[i + 2] = (byte) blue;
      }
    }
    int left = (side - image.width()) / 2;
    int top = (side - image.height()) / 2;
    int row = 3 * image.width();
    for (int y = 0; y < image.height(); y++) {
      System.arraycopy(image.pixels(), y * row, pixels, 3 * ((top + y) * side + left), row);
    }
    return new RgbImage(side, side, pixels);
  }
}
