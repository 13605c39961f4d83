package dev.eosin.slide;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Walks around the tissue of a mask, along the sides of its squares: tissue lies to the right of
/// the way (y goes down), so that outer rings have a positive area and holes a negative one.
final class MaskOutline {
  private static final int[][] WAYS = {{1, 0}, {0, 1}, {-1, 0}, {0, -1}};

  private final TissueMask mask;

  /// The ways that lead out of each corner: a bit for each of `WAYS`.
  private final Map<Long, Integer> ways = new HashMap<>();

  MaskOutline(TissueMask mask) {
    this.mask = mask;
    for (int y = 0; y < mask.height(); y++) {
      for (int x = 0; x < mask.width(); x++) {
        if (isTissue(x, y)) {
          addSides(x, y);
        }
      }
    }
  }

  private void addSides(int x, int y) {
    add(x, y, 0, !isTissue(x, y - 1));
    add(x + 1, y, 1, !isTissue(x + 1, y));
    add(x + 1, y + 1, 2, !isTissue(x, y + 1));
    add(x, y + 1, 3, !isTissue(x - 1, y));
  }

  private void add(int x, int y, int way, boolean border) {
    if (border) {
      ways.merge(corner(x, y), 1 << way, (one, other) -> one | other);
    }
  }

  private boolean isTissue(int x, int y) {
    return x >= 0
        && y >= 0
        && x < mask.width()
        && y < mask.height()
        && mask.tissue()[y * mask.width() + x];
  }

  private static long corner(int x, int y) {
    return (long) y << 32 | x;
  }

  /// All rings, in pixels of level 0, in the order of their first corner.
  List<double[][]> rings() {
    List<double[][]> rings = new ArrayList<>();
    for (int y = 0; y <= mask.height(); y++) {
      for (int x = 0; x <= mask.width(); x++) {
        while (ways.containsKey(corner(x, y))) {
          rings.add(ring(x, y));
        }
      }
    }
    return rings;
  }

  private double[][] ring(int startX, int startY) {
    List<double[]> points = new ArrayList<>();
    int x = startX;
    int y = startY;
    int last = -1;
    do {
      int way = take(corner(x, y), last);
      if (way != last) {
        points.add(new double[] {x * mask.downsample(), y * mask.downsample()});
      }
      last = way;
      x += WAYS[way][0];
      y += WAYS[way][1];
    } while (x != startX || y != startY);
    return points.toArray(double[][]::new);
  }

  /// Where two squares touch at a corner, the way turns right first, so that each has its own ring.
  private int take(long corner, int last) {
    int open = ways.getOrDefault(corner, 0);
    int way = Integer.numberOfTrailingZeros(open);
    if (last >= 0 && (open & 1 << (last + 1) % 4) != 0) {
      way = (last + 1) % 4;
    }
    int left = open & ~(1 << way);
    if (left == 0) {
      ways.remove(corner);
    } else {
      ways.put(corner, left);
    }
    return way;
  }
}
