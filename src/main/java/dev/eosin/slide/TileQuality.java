package dev.eosin.slide;

import dev.eosin.image.RgbImage;
import java.util.Locale;
import java.util.Optional;

/// What a tile's pixels say of its use.
///
/// @param blank share of white and of grey as light
/// @param pen share of the colours of pens: green, blue and red stronger than any stain's, and
///   black
/// @param sharpness variance of the Laplacian of the grey values
public record TileQuality(double blank, double pen, double sharpness) {
  private static final int LIGHT = 200;
  private static final int COLOURLESS = 25;
  private static final int DARK = 70;

  /// Why a tile is dropped.
  ///
  /// @param reason its code
  /// @param detail what was measured
  public record Flaw(String reason, String detail) {}

  static TileQuality of(RgbImage tile) {
    byte[] pixels = tile.pixels();
    int count = pixels.length / 3;
    int blank = 0;
    int pen = 0;
    float[] grey = new float[count];
    for (int i = 0, at = 0; i < count; i++, at += 3) {
      int red = pixels[at] & 0xFF;
      int green = pixels[at + 1] & 0xFF;
      int blue = pixels[at + 2] & 0xFF;
      int least = Math.min(red, Math.min(green, blue));
      int chroma = Math.max(red, Math.max(green, blue)) - least;
      blank += least >= LIGHT && chroma < COLOURLESS ? 1 : 0;
      pen += isPen(red, green, blue, chroma) ? 1 : 0;
      grey[i] = 0.299f * red + 0.587f * green + 0.114f * blue;
    }
    return new TileQuality(
        (double) blank / count, (double) pen / count, sharpness(grey, tile.width(), tile.height()));
  }

  /// Haematoxylin and eosin have least green of the three; a pen of another hue has not.
  private static boolean isPen(int red, int green, int blue, int chroma) {
    boolean greenPen = green > red + 10 && green >= blue - 5 && chroma > COLOURLESS;
    boolean bluePen = blue > red + 60 && green > red && chroma > 60;
    boolean redPen = red > green + 90 && red > blue + 90;
    boolean blackPen = Math.max(red, Math.max(green, blue)) < DARK && chroma < COLOURLESS;
    return greenPen || bluePen || redPen || blackPen;
  }

  private static double sharpness(float[] grey, int width, int height) {
    double sum = 0;
    double squares = 0;
    long count = 0;
    for (int y = 1; y < height - 1; y++) {
      for (int x = 1; x < width - 1; x++) {
        int at = y * width + x;
        double value =
            4 * grey[at] - grey[at - 1] - grey[at + 1] - grey[at - width] - grey[at + width];
        sum += value;
        squares += value * value;
        count++;
      }
    }
    double mean = count == 0 ? 0 : sum / count;
    return count == 0 ? 0 : squares / count - mean * mean;
  }

  /// The first reason to drop the tile.
  public Optional<Flaw> flaw(TissueSettings settings) {
    if (pen > settings.pen().value()) {
      return flaw(TileReasons.PEN, "pen %.3f", pen);
    }
    if (blank > settings.blank().value()) {
      return flaw(TileReasons.BLANK, "blank %.3f", blank);
    }
    return sharpness < settings.sharpness()
        ? flaw(TileReasons.BLURRED, "sharpness %.2f", sharpness)
        : Optional.empty();
  }

  private static Optional<Flaw> flaw(String reason, String format, double value) {
    return Optional.of(new Flaw(reason, String.format(Locale.ROOT, format, value)));
  }
}
