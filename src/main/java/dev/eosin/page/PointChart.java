package dev.eosin.page;

import java.util.Arrays;
import java.util.List;

/// Points of several groups on a plane.
public final class PointChart {
  private static final double SIZE = 2.6;

  private PointChart() {}

  /// A point.
  ///
  /// @param group its place among the names
  /// @param title shown where a pointer rests on it; empty for none
  public record Point(double x, double y, int group, String title) {}

  /// Draws points.
  ///
  /// @param what it shows, for those who do not see it
  /// @param groups their names
  public static Html of(
      String what, String across, String up, List<String> groups, List<Point> points) {
    Axis below = axis(across, points.stream().mapToDouble(Point::x).toArray());
    Axis beside = axis(up, points.stream().mapToDouble(Point::y).toArray());
    Plot plot = new Plot(what, below, beside);
    for (Point point : points) {
      plot.add(Plot.mark(point.group(), plot.x(point.x()), plot.y(point.y()), SIZE, point.title()));
    }
    return plot.finish(groups, false);
  }

  private static Axis axis(String title, double[] values) {
    double low = Arrays.stream(values).min().orElse(0);
    double high = Arrays.stream(values).max().orElse(1);
    return Axis.around(title, low, high);
  }
}
