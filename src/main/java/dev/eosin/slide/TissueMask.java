package dev.eosin.slide;

import dev.eosin.image.RgbImage;
import java.util.Arrays;

/// Where tissue is, on a grid over the slide.
///
/// @param width of the grid
/// @param height of the grid
/// @param downsample how many pixels of level 0 a square of the grid is wide
/// @param tissue [height, width]
@SuppressWarnings("ArrayRecordComponent") // read-only: identity equality is meant
public record TissueMask(int width, int height, double downsample, boolean[] tissue) {
  /// No scanner's glass is more colourful, and no stained tissue less.
  private static final int LEAST_THRESHOLD = 8;

  private static final int MOST_THRESHOLD = 60;
  private static final int FAINT_LEAST = 4;
  private static final int DARK = 30;

  /// Finds tissue by how colourful pixels are: the difference of their largest and least band. Rows
  /// that could not be read count as tissue: white stands for nothing there.
  public static TissueMask of(Overview overview, TissueSettings.Preset preset) {
    RgbImage image = overview.image();
    boolean[] tissue = new boolean[image.width() * image.height()];
    if (preset == TissueSettings.Preset.NONE) {
      Arrays.fill(tissue, true);
    } else {
      int[] colours = colourfulness(image, preset == TissueSettings.Preset.BLACK_BACKGROUND);
      int otsu = Math.clamp(otsu(colours), LEAST_THRESHOLD, MOST_THRESHOLD);
      int threshold =
          preset == TissueSettings.Preset.FAINT ? Math.max(FAINT_LEAST, otsu / 2) : otsu;
      for (int i = 0; i < tissue.length; i++) {
        tissue[i] = colours[i] > threshold;
      }
      tissue = withoutSpecks(tissue, image.width(), image.height());
    }
    for (int row : overview.unreadable().keySet()) {
      Arrays.fill(tissue, row * image.width(), (row + 1) * image.width(), true);
    }
    return new TissueMask(image.width(), image.height(), overview.downsample(), tissue);
  }

  private static int[] colourfulness(RgbImage image, boolean darkIsGlass) {
    byte[] pixels = image.pixels();
    int[] colours = new int[pixels.length / 3];
    for (int i = 0, at = 0; i < colours.length; i++, at += 3) {
      int red = pixels[at] & 0xFF;
      int green = pixels[at + 1] & 0xFF;
      int blue = pixels[at + 2] & 0xFF;
      int most = Math.max(red, Math.max(green, blue));
      int chroma = most - Math.min(red, Math.min(green, blue));
      colours[i] = darkIsGlass && most < DARK ? 0 : chroma;
    }
    return colours;
  }

  /// The threshold with the largest variance between both sides.
  ///
  /// Source: Otsu 1979.
  static int otsu(int[] values) {
    long[] counts = new long[256];
    for (int value : values) {
      counts[value]++;
    }
    double all = 0;
    for (int i = 0; i < counts.length; i++) {
      all += (double) i * counts[i];
    }
    double below = 0;
    long countBelow = 0;
    double best = -1;
    int threshold = 0;
    for (int i = 0; i < counts.length - 1; i++) {
      countBelow += counts[i];
      below += (double) i * counts[i];
      long countAbove = values.length - countBelow;
      if (countBelow == 0 || countAbove == 0) {
        continue;
      }
      double distance = below / countBelow - (all - below) / countAbove;
      double variance = (double) countBelow * countAbove * distance * distance;
      if (variance > best) {
        best = variance;
        threshold = i;
      }
    }
    return threshold;
  }

  /// The majority of nine neighbours: single pixels of dust and single holes go.
  static boolean[] withoutSpecks(boolean[] tissue, int width, int height) {
    boolean[] result = new boolean[tissue.length];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int on = 0;
        int all = 0;
        for (int j = Math.max(0, y - 1); j <= Math.min(height - 1, y + 1); j++) {
          for (int i = Math.max(0, x - 1); i <= Math.min(width - 1, x + 1); i++) {
            on += tissue[j * width + i] ? 1 : 0;
            all++;
          }
        }
        result[y * width + x] = 2 * on > all;
      }
    }
    return result;
  }

  /// The share of tissue in a rectangle of level 0: of the squares whose middle lies inside; of the
  /// one in its middle where none does.
  public double share(double left, double top, double wide, double high) {
    int fromX = (int) Math.max(0, Math.ceil(left / downsample - 0.5));
    int fromY = (int) Math.max(0, Math.ceil(top / downsample - 0.5));
    int endX = (int) Math.min(width, Math.ceil((left + wide) / downsample - 0.5));
    int endY = (int) Math.min(height, Math.ceil((top + high) / downsample - 0.5));
    if (fromX >= endX || fromY >= endY) {
      int x = (int) Math.clamp((long) ((left + wide / 2) / downsample), 0, width - 1);
      int y = (int) Math.clamp((long) ((top + high / 2) / downsample), 0, height - 1);
      return tissue[y * width + x] ? 1 : 0;
    }
    int on = 0;
    for (int y = fromY; y < endY; y++) {
      for (int x = fromX; x < endX; x++) {
        on += tissue[y * width + x] ? 1 : 0;
      }
    }
    return (double) on / ((endX - fromX) * (endY - fromY));
  }

  /// The share of tissue in the whole slide.
  public double share() {
    int on = 0;
    for (boolean one : tissue) {
      on += one ? 1 : 0;
    }
    return (double) on / tissue.length;
  }
}
