package dev.eosin.curate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A connected shape of one strong colour.
///
/// @param imageHeight of the whole image
/// @param pixels places x, y in turn
@SuppressWarnings("ArrayRecordComponent") // a pixel buffer: identity equality is meant
record InkShape(int ink, int left, int top, int right, int bottom, int imageHeight, int[] pixels) {
  private static final int LEAST_PIXELS = 12;

  /// Of the image, that one shape may cover.
  private static final double MOST_OF_IMAGE = 0.05;

  private static final int BINS = 16;

  /// Of arrows, in pixels and of the image's height.
  private static final double SHORTEST = 18;

  private static final double SHORTEST_OF_IMAGE = 0.07;

  /// Of the outline of its parts, that an arrow fills at least; shapes of tissue are ragged.
  private static final double LEAST_FILLED = 0.65;

  static List<InkShape> of(InkImage image) {
    List<InkShape> shapes = new ArrayList<>();
    boolean[] seen = new boolean[image.inks().length];
    int[] stack = new int[image.inks().length];
    for (int start = 0; start < seen.length; start++) {
      if (image.inks()[start] != 0 && !seen[start]) {
        int count = fill(image, start, seen, stack);
        if (count >= LEAST_PIXELS && count <= MOST_OF_IMAGE * seen.length) {
          shapes.add(shape(image, stack, count));
        }
      }
    }
    return shapes;
  }

  /// @param stack takes the shape's places, from its beginning
  private static int fill(InkImage image, int start, boolean[] seen, int[] stack) {
    int width = image.width();
    byte ink = image.inks()[start];
    int count = 0;
    stack[count++] = start;
    seen[start] = true;
    for (int next = 0; next < count; next++) {
      int x = stack[next] % width;
      int y = stack[next] / width;
      for (int dy = -1; dy <= 1; dy++) {
        for (int dx = -1; dx <= 1; dx++) {
          int at = (y + dy) * width + x + dx;
          boolean inside = x + dx >= 0 && x + dx < width && y + dy >= 0 && y + dy < image.height();
          if (inside && !seen[at] && image.inks()[at] == ink) {
            seen[at] = true;
            stack[count++] = at;
          }
        }
      }
    }
    return count;
  }

  private static InkShape shape(InkImage image, int[] places, int count) {
    int[] pixels = new int[2 * count];
    int left = Integer.MAX_VALUE;
    int top = Integer.MAX_VALUE;
    int right = -1;
    int bottom = -1;
    for (int i = 0; i < count; i++) {
      int x = places[i] % image.width();
      int y = places[i] / image.width();
      pixels[2 * i] = x;
      pixels[2 * i + 1] = y;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
    }
    int ink = image.inks()[places[0]];
    return new InkShape(ink, left, top, right + 1, bottom + 1, image.height(), pixels);
  }

  int width() {
    return right - left;
  }

  int height() {
    return bottom - top;
  }

  int count() {
    return pixels.length / 2;
  }

  /// How much of its frame it fills.
  double filled() {
    return (double) count() / ((double) width() * height());
  }

  /// Whether it is straight, thin along most of its length, and near one end at least twice as
  /// thick, narrowing from there to a tip.
  boolean isArrow() {
    double[] axis = axis();
    double low = Double.MAX_VALUE;
    double high = -Double.MAX_VALUE;
    for (int i = 0; i < count(); i++) {
      double along = pixels[2 * i] * axis[0] + pixels[2 * i + 1] * axis[1];
      low = Math.min(low, along);
      high = Math.max(high, along);
    }
    double length = high - low;
    if (length < Math.max(SHORTEST, SHORTEST_OF_IMAGE * imageHeight)) {
      return false;
    }
    double[] thick = thickness(axis, low, length);
    double outline = Arrays.stream(thick).sum() * length / BINS;
    return count() >= LEAST_FILLED * outline
        && (isArrow(thick, length) || isArrow(reversed(thick), length));
  }

  /// The direction in which it is longest, of length 1.
  private double[] axis() {
    double meanX = 0;
    double meanY = 0;
    for (int i = 0; i < count(); i++) {
      meanX += pixels[2 * i];
      meanY += pixels[2 * i + 1];
    }
    meanX /= count();
    meanY /= count();
    double xx = 0;
    double xy = 0;
    double yy = 0;
    for (int i = 0; i < count(); i++) {
      double x = pixels[2 * i] - meanX;
      double y = pixels[2 * i + 1] - meanY;
      xx += x * x;
      xy += x * y;
      yy += y * y;
    }
    double angle = 0.5 * Math.atan2(2 * xy, xx - yy);
    return new double[] {Math.cos(angle), Math.sin(angle)};
  }

  /// Of each of some parts along the axis how far it spreads across, from the axis of the whole;
  /// NaN for a part that is empty.
  private double[] thickness(double[] axis, double low, double length) {
    double[] least = new double[BINS];
    double[] most = new double[BINS];
    Arrays.fill(least, Double.MAX_VALUE);
    Arrays.fill(most, -Double.MAX_VALUE);
    for (int i = 0; i < count(); i++) {
      double along = pixels[2 * i] * axis[0] + pixels[2 * i + 1] * axis[1];
      double across = pixels[2 * i + 1] * axis[0] - pixels[2 * i] * axis[1];
      int bin = Math.min(BINS - 1, (int) ((along - low) / length * BINS));
      least[bin] = Math.min(least[bin], across);
      most[bin] = Math.max(most[bin], across);
    }
    double[] thick = new double[BINS];
    for (int bin = 0; bin < BINS; bin++) {
      thick[bin] = most[bin] < least[bin] ? Double.NaN : most[bin] - least[bin] + 1;
    }
    return thick;
  }

  private static double[] reversed(double[] values) {
    double[] reversed = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      reversed[i] = values[values.length - 1 - i];
    }
    return reversed;
  }

  /// @param thick with the head, if there is one, in its last parts
  private boolean isArrow(double[] thick, double length) {
    if (Arrays.stream(thick).anyMatch(Double::isNaN)) {
      return false;
    }
    int widest = BINS / 2;
    for (int bin = BINS / 2; bin < BINS; bin++) {
      widest = thick[bin] > thick[widest] ? bin : widest;
    }
    double[] shaft = Arrays.copyOfRange(thick, 1, BINS / 2);
    double most = Arrays.stream(shaft).max().orElseThrow();
    double least = Arrays.stream(shaft).min().orElseThrow();
    boolean straight = most <= 1.5 * least + 1 && most < 0.25 * length;
    boolean headed = thick[widest] >= 1.9 * most && thick[widest] < 0.9 * length;
    // A head of lines alone is open behind its tip, so that only the tip is asked to be narrow.
    boolean pointed = thick[BINS - 1] <= 0.6 * thick[widest] && widest < BINS - 1;
    return straight && headed && pointed;
  }
}
