package dev.eosin.page;

import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import java.util.function.Consumer;
import java.util.stream.DoubleStream;

/// Lines over numbers, each with a band where it has one.
public final class LineChart {
  private static final double SLACK = 1e-12;

  private LineChart() {}

  /// One line.
  ///
  /// @param name in the legend
  /// @param x rising `[n]`
  /// @param y one for each x; the line is interrupted where it is no number `[n]`
  /// @param low lower end of its band; empty for none
  /// @param high upper end
  @SuppressWarnings("ArrayRecordComponent") // drawn, never compared
  public record Line(String name, double[] x, double[] y, double[] low, double[] high) {
    public static Line of(String name, double[] x, double[] y) {
      return new Line(name, x, y, new double[0], new double[0]);
    }
  }

  /// Draws lines.
  ///
  /// @param what it shows, for those who do not see it
  public static Html of(String what, String across, String up, List<Line> lines) {
    return draw(what, axis(across, lines.stream().map(Line::x).toList()), upward(up, lines), lines);
  }

  /// Of shares against shares, from 0 to 1 both.
  public static Html ofShares(String what, String across, String up, List<Line> lines) {
    return draw(what, Axis.share(across), Axis.share(up), lines);
  }

  private static Axis upward(String title, List<Line> lines) {
    List<double[]> values = new ArrayList<>();
    lines.forEach(line -> values.addAll(List.of(line.y(), line.low(), line.high())));
    return axis(title, values);
  }

  private static Axis axis(String title, List<double[]> values) {
    double[] all =
        values.stream().flatMapToDouble(DoubleStream::of).filter(Double::isFinite).toArray();
    double low = DoubleStream.of(all).min().orElse(0);
    double high = DoubleStream.of(all).max().orElse(1);
    return Axis.around(title, low, high - low < SLACK ? low : high);
  }

  private static Html draw(String what, Axis across, Axis up, List<Line> lines) {
    Plot plot = new Plot(what, across, up);
    for (int i = 0; i < lines.size(); i++) {
      Line line = lines.get(i);
      if (line.low().length == line.x().length && line.low().length > 0) {
        plot.add(band(plot, line, i));
      }
      pieces(plot, line).forEach(drawn(plot, i)::accept);
    }
    return plot.finish(lines.stream().map(Line::name).toList(), true);
  }

  private static Consumer<String> drawn(Plot plot, int series) {
    return points ->
        plot.add(
            points.contains(" ")
                ? new Html()
                    .open(
                        "polyline",
                        "points",
                        points,
                        "fill",
                        "none",
                        "stroke",
                        Plot.colour(series),
                        "stroke-width",
                        "1.8",
                        "stroke-dasharray",
                        Plot.dash(series))
                    .close("polyline")
                : single(points, series));
  }

  /// A line of one point is a mark.
  private static Html single(String point, int series) {
    String[] at = point.split(",", -1);
    return Plot.mark(series % 10, Double.parseDouble(at[0]), Double.parseDouble(at[1]), 3, "");
  }

  private static List<String> pieces(Plot plot, Line line) {
    List<String> pieces = new ArrayList<>();
    StringJoiner piece = new StringJoiner(" ");
    for (int i = 0; i < line.x().length; i++) {
      if (Double.isFinite(line.y()[i])) {
        piece.add(plot.point(line.x()[i], line.y()[i]));
      } else if (piece.length() > 0) {
        pieces.add(piece.toString());
        piece = new StringJoiner(" ");
      }
    }
    if (piece.length() > 0) {
      pieces.add(piece.toString());
    }
    return pieces;
  }

  private static Html band(Plot plot, Line line, int series) {
    StringJoiner points = new StringJoiner(" ");
    for (int i = 0; i < line.x().length; i++) {
      add(points, plot, line.x()[i], line.high()[i]);
    }
    for (int i = line.x().length - 1; i >= 0; i--) {
      add(points, plot, line.x()[i], line.low()[i]);
    }
    return new Html()
        .open(
            "polygon",
            "points",
            points.toString(),
            "fill",
            Plot.colour(series),
            "fill-opacity",
            "0.18")
        .close("polygon");
  }

  private static void add(StringJoiner points, Plot plot, double x, double y) {
    if (Double.isFinite(y)) {
      points.add(plot.point(x, y));
    }
  }
}
