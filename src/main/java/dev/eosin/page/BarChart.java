package dev.eosin.page;

import java.util.Arrays;
import java.util.List;

/// Counts of ranges that are equally wide.
public final class BarChart {
  private BarChart() {}

  /// @param what it shows, for those who do not see it
  /// @param across what the ranges are of
  /// @param from the least
  /// @param to the most
  /// @param counts one for each range
  public static Html of(String what, String across, double from, double to, int[] counts) {
    int highest = Math.max(1, Arrays.stream(counts).max().orElse(1));
    Axis wide = Axis.around(across, from, to);
    Plot plot = new Plot(what, wide, Axis.around("", 0, highest));
    double step = (to - from) / counts.length;
    for (int bar = 0; bar < counts.length; bar++) {
      double left = plot.x(from + bar * step);
      double top = plot.y(counts[bar]);
      double width = Math.max(1, plot.x(from + (bar + 1) * step) - left - 1);
      plot.add(
          new Html()
              .open(
                  "rect",
                  "x",
                  Plot.number(left),
                  "y",
                  Plot.number(top),
                  "width",
                  Plot.number(width),
                  "height",
                  Plot.number(plot.y(0) - top),
                  "fill",
                  Plot.colour(0))
              .element("title", Table.number((long) counts[bar]))
              .close("rect"));
    }
    return plot.finish(List.of(), false);
  }
}
