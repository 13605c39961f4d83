package dev.eosin.image.augmentation;

import dev.eosin.image.RgbImage;
import dev.eosin.image.augmentation.RandAugmentSettings.AutoContrast;

/// Changes of a tile's levels by a table of 256, as LAVIS's RandAugment computes them.
final class LevelTables {
  private static final int LEVELS = 256;

  private LevelTables() {}

  /// Stretches each channel to all levels.
  static RgbImage autoContrast(RgbImage tile, AutoContrast rule) {
    byte[][] tables = new byte[3][];
    for (int band = 0; band < 3; band++) {
      long[] histogram = histogram(tile, band);
      int low = 0;
      while (histogram[low] == 0) {
        low++;
      }
      int high = LEVELS - 1;
      while (histogram[high] == 0) {
        high--;
      }
      tables[band] = stretched(low, high, rule);
    }
    return looked(tile, tables);
  }

  private static byte[] stretched(int low, int high, AutoContrast rule) {
    byte[] table = new byte[LEVELS];
    double scale = (LEVELS - 1) / (double) (high - low);
    // LAVIS negates a uint8, which has no negative numbers.
    int start =
        switch (rule) {
          case LAVIS -> -low & 0xFF;
          case PILLOW -> -low;
        };
    double offset = start * scale;
    for (int level = 0; level < LEVELS; level++) {
      double value = high <= low ? level : level * scale + offset;
      table[level] = (byte) (int) Math.clamp(value, 0.0, 255.0);
    }
    return table;
  }

  /// Spreads each channel's levels so that all are about equally frequent.
  static RgbImage equalized(RgbImage tile) {
    byte[][] tables = new byte[3][];
    for (int band = 0; band < 3; band++) {
      tables[band] = spread(histogram(tile, band));
    }
    return looked(tile, tables);
  }

  private static byte[] spread(long[] histogram) {
    long all = 0;
    long last = 0;
    for (long count : histogram) {
      all += count;
      last = count > 0 ? count : last;
    }
    long step = (all - last) / (LEVELS - 1);
    byte[] table = new byte[LEVELS];
    long below = step / 2;
    for (int level = 0; level < LEVELS; level++) {
      table[level] = (byte) (step == 0 ? level : Math.min(LEVELS - 1, below / step));
      below += histogram[level];
    }
    return table;
  }

  /// Multiplies, in single precision.
  static RgbImage brightness(RgbImage tile, double factor) {
    byte[] table = new byte[LEVELS];
    for (int level = 0; level < LEVELS; level++) {
      table[level] = (byte) (int) Math.clamp(level * (float) factor, 0f, 255f);
    }
    return looked(tile, new byte[][] {table, table, table});
  }

  private static long[] histogram(RgbImage tile, int band) {
    long[] histogram = new long[LEVELS];
    byte[] pixels = tile.pixels();
    for (int i = band; i < pixels.length; i += 3) {
      histogram[pixels[i] & 0xFF]++;
    }
    return histogram;
  }

  /// @param tables [3, 256] uint8
  private static RgbImage looked(RgbImage tile, byte[][] tables) {
    byte[] result = tile.pixels().clone();
    for (int i = 0; i < result.length; i++) {
      result[i] = tables[i % 3][result[i] & 0xFF];
    }
    return new RgbImage(tile.width(), tile.height(), result);
  }
}
