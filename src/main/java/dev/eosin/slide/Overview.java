package dev.eosin.slide;

import dev.eosin.config.DataException;
import dev.eosin.image.RgbImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A slide small enough to be looked at whole: means over squares of a level's pixels, read band by
/// band. Squares that cannot be read are listed and white here; no tile is ever cut of an overview.
///
/// @param image of the whole slide
/// @param downsample how many pixels of level 0 one of its pixels is wide
/// @param unreadable what could not be read, a line for each band
public record Overview(RgbImage image, double downsample, List<String> unreadable) {
  private static final int BAND_BYTES = 24 << 20;

  public Overview {
    unreadable = List.copyOf(unreadable);
  }

  /// @param wanted pixels of level 0 that one of its pixels should be wide, at least 1
  public static Overview of(Slide slide, double wanted) {
    int level = slide.levelFor(wanted);
    Slide.Level from = slide.levels().get(level);
    int factor = (int) Math.max(1, Math.floor(wanted / from.downsample() + 0.01));
    int width = Math.max(1, from.width() / factor);
    int height = Math.max(1, from.height() / factor);
    factor = Math.min(factor, Math.min(from.width(), from.height()));
    byte[] pixels = new byte[3 * width * height];
    List<String> unreadable = new ArrayList<>();
    int rows = Math.max(1, BAND_BYTES / 3 / (width * factor) / factor);
    for (int y = 0; y < height; y += rows) {
      int count = Math.min(rows, height - y);
      try {
        RgbImage band = slide.read(level, 0, y * factor, width * factor, count * factor);
        average(band, factor, width, count, pixels, 3 * y * width);
      } catch (DataException e) {
        unreadable.add(String.valueOf(e.getMessage()));
        Arrays.fill(pixels, 3 * y * width, 3 * (y + count) * width, (byte) 0xFF);
      }
    }
    return new Overview(
        new RgbImage(width, height, pixels), from.downsample() * factor, unreadable);
  }

  private static void average(
      RgbImage band, int factor, int width, int count, byte[] pixels, int offset) {
    byte[] from = band.pixels();
    int area = factor * factor;
    int[] sums = new int[3 * width];
    for (int y = 0; y < count; y++) {
      Arrays.fill(sums, 0);
      for (int row = y * factor; row < (y + 1) * factor; row++) {
        int at = 3 * row * band.width();
        for (int x = 0; x < width; x++) {
          for (int i = 0; i < factor; i++, at += 3) {
            sums[3 * x] += from[at] & 0xFF;
            sums[3 * x + 1] += from[at + 1] & 0xFF;
            sums[3 * x + 2] += from[at + 2] & 0xFF;
          }
        }
      }
      for (int i = 0; i < sums.length; i++) {
        pixels[offset + 3 * y * width + i] = (byte) ((sums[i] + area / 2) / area);
      }
    }
  }
}
