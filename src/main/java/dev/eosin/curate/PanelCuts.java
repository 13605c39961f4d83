package dev.eosin.curate;

import dev.eosin.image.RgbImage;

/// Panels of a figure: parts between gutters, straight bands of white or black that reach from edge
/// to edge, beside which the image begins along most of the band at once. Glass between two pieces
/// of tissue is no gutter: they do not begin along a line.
final class PanelCuts {
  private static final int LIGHT = 228;
  private static final int DARK = 36;

  /// How far a pixel beside a gutter is from its colour.
  private static final int STEP = 42;

  private static final double EDGE = 0.6;
  private static final double LEAST_PANEL = 0.1;
  private static final int DEEPEST = 3;

  private final RgbImage image;

  /// A part of an image.
  private record Part(int left, int top, int right, int bottom) {
    int along(boolean rows) {
      return rows ? bottom - top : right - left;
    }
  }

  /// A band of lines, [from, to).
  private record Band(int from, int to) {}

  private PanelCuts(RgbImage image) {
    this.image = image;
  }

  static int panels(RgbImage image) {
    var whole = new Part(0, 0, image.width(), image.height());
    return new PanelCuts(image).panels(whole, 0);
  }

  private int panels(Part part, int depth) {
    if (depth == DEEPEST) {
      return 1;
    }
    for (boolean rows : new boolean[] {true, false}) {
      Band band = gutter(part, rows);
      if (band.to() > band.from()) {
        Part first =
            rows
                ? new Part(part.left, part.top, part.right, part.top + band.from())
                : new Part(part.left, part.top, part.left + band.from(), part.bottom);
        Part second =
            rows
                ? new Part(part.left, part.top + band.to(), part.right, part.bottom)
                : new Part(part.left + band.to(), part.top, part.right, part.bottom);
        return panels(first, depth + 1) + panels(second, depth + 1);
      }
    }
    return 1;
  }

  /// The first gutter; an empty band where there is none.
  private Band gutter(Part part, boolean rows) {
    int lines = part.along(rows);
    int least = Math.max(8, (int) (LEAST_PANEL * lines));
    for (int line = least; line < lines - least; line++) {
      int colour = colour(part, rows, line);
      if (colour < 0) {
        continue;
      }
      int to = line;
      while (to < lines && colour(part, rows, to) == colour) {
        to++;
      }
      boolean sharp = begins(part, rows, line - 1, colour) && begins(part, rows, to, colour);
      if (to - line >= 2 && to < lines - least && sharp) {
        return new Band(line, to);
      }
      line = to;
    }
    return new Band(0, 0);
  }

  /// 0 for a black line, 1 for a white one, -1 for any other.
  private int colour(Part part, boolean rows, int line) {
    int across = part.along(!rows);
    int first = bright(part, rows, line, 0);
    int colour = first >= LIGHT ? 1 : first <= DARK ? 0 : -1;
    int others = 0;
    for (int i = 0; i < across && colour >= 0; i++) {
      int bright = bright(part, rows, line, i);
      others += (colour == 1 ? bright < LIGHT : bright > DARK) ? 1 : 0;
      if (others > across / 33) {
        return -1;
      }
    }
    return colour;
  }

  /// Whether a line differs from a gutter's colour along most of its length; JPEG blurs one line.
  private boolean begins(Part part, boolean rows, int line, int colour) {
    int onwards = line > 0 && colour(part, rows, line - 1) >= 0 ? 1 : -1;
    return begun(part, rows, line, colour) >= EDGE
        || begun(part, rows, line + onwards, colour) >= EDGE;
  }

  private double begun(Part part, boolean rows, int line, int colour) {
    if (line < 0 || line >= part.along(rows)) {
      return 0;
    }
    int across = part.along(!rows);
    int different = 0;
    for (int i = 0; i < across; i++) {
      int bright = bright(part, rows, line, i);
      different += (colour == 1 ? bright < 255 - STEP : bright > STEP) ? 1 : 0;
    }
    return (double) different / across;
  }

  /// The darkest channel, of dark gutters the lightest would be the same.
  private int bright(Part part, boolean rows, int line, int along) {
    int x = rows ? part.left + along : part.left + line;
    int y = rows ? part.top + line : part.top + along;
    int at = 3 * (y * image.width() + x);
    byte[] pixels = image.pixels();
    int red = pixels[at] & 0xFF;
    int green = pixels[at + 1] & 0xFF;
    int blue = pixels[at + 2] & 0xFF;
    int low = Math.min(red, Math.min(green, blue));
    return low >= 128 ? low : Math.max(red, Math.max(green, blue));
  }
}
