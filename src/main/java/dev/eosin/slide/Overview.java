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

  /// A slide of 100 x 40 mm at 8 micrometres a pixel has as many.
  private static final long MOST_PIXELS = 1L << 26;

  public Overview {
    unreadable = Collections.unmodifiableSortedMap(new TreeMap<>(unreadable));
  }

  /// @param wanted pixels of level 0 that one of its pixels should be wide, at least 1; doubled
  ///   until the overview has at most 2^26 pixels
  public static Overview of(Slide slide, double wanted) {
    double coarse = wanted;
    while (pixels(slide.width(), coarse) * pixels(slide.height(), coarse) > MOST_PIXELS) {
      coarse *= 2;
    }
    int level = slide.levelFor(coarse);
    Slide.Level from = slide.levels().get(level);
    int factor = (int) Math.max(1, Math.floor(coarse / from.downsample() + 0.01));
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

  private static long pixels(int side, double downsample) {
    return (long) Math.max(1, side / downsample);
  }

  /// Rows of an overview that is being made.
  @SuppressWarnings("ArrayRecordComponent") // filled in place: identity equality is meant
  private record Band(int level, int factor, int width, byte[] pixels) {
    void read(Slide slide, int y, int count) throws DataException {
      int most = Math.max(1, BAND_BYTES / 3 / (count * factor) / factor);
      for (int x = 0; x < width; x += most) {
        int wide = Math.min(most, width - x);
        RgbImage part = slide.read(level, x * factor, y * factor, wide * factor, count * factor);
        average(part, wide, count, 3 * (y * width + x));
      }
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

    private void average(RgbImage part, int wide, int count, int offset) {
      byte[] from = part.pixels();
      long area = (long) factor * factor;
      long[] sums = new long[3 * wide];
      for (int y = 0; y < count; y++) {
        Arrays.fill(sums, 0);
        for (int row = y * factor; row < (y + 1) * factor; row++) {
          int at = 3 * row * part.width();
          for (int x = 0; x < wide; x++) {
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
}
