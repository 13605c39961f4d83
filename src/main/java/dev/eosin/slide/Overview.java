package dev.eosin.slide;

import dev.eosin.config.DataException;
import dev.eosin.image.RgbImage;
import java.util.Arrays;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/// A slide small enough to be looked at whole: means over squares of a level's pixels, read band by
/// band. Rows that cannot be read are listed and white here; they count as tissue, so that their
/// tiles are judged by what can be read of them. No tile is ever cut of an overview.
///
/// @param image of the whole slide
/// @param downsample how many pixels of level 0 one of its pixels is wide
/// @param unreadable what could not be read, by the row of `image`
public record Overview(RgbImage image, double downsample, SortedMap<Integer, String> unreadable) {
  private static final int BAND_BYTES = 24 << 20;

  public Overview {
    unreadable = Collections.unmodifiableSortedMap(new TreeMap<>(unreadable));
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
    SortedMap<Integer, String> unreadable = new TreeMap<>();
    int rows = Math.max(1, BAND_BYTES / 3 / (width * factor) / factor);
    for (int y = 0; y < height; y += rows) {
      int count = Math.min(rows, height - y);
      Band band = new Band(level, factor, width, pixels);
      try {
        band.read(slide, y, count);
      } catch (DataException broken) {
        unreadable.putAll(band.readEach(slide, y, count));
      }
    }
    return new Overview(
        new RgbImage(width, height, pixels), from.downsample() * factor, unreadable);
  }

  /// Rows of an overview that is being made.
  @SuppressWarnings("ArrayRecordComponent") // filled in place: identity equality is meant
  private record Band(int level, int factor, int width, byte[] pixels) {
    void read(Slide slide, int y, int count) throws DataException {
      RgbImage band = slide.read(level, 0, y * factor, width * factor, count * factor);
      average(band, factor, width, count, pixels, 3 * y * width);
    }

    /// Row by row: one broken piece hides no more than its own rows.
    SortedMap<Integer, String> readEach(Slide slide, int from, int count) {
      SortedMap<Integer, String> unreadable = new TreeMap<>();
      for (int y = from; y < from + count; y++) {
        try {
          read(slide, y, 1);
        } catch (DataException e) {
          unreadable.put(y, String.valueOf(e.getMessage()));
          Arrays.fill(pixels, 3 * y * width, 3 * (y + 1) * width, (byte) 0xFF);
        }
      }
      return unreadable;
    }
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
