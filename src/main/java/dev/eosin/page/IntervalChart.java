package dev.eosin.page;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;

/// Figures below each other, each with its interval or with the single values behind it.
public final class IntervalChart {
  private static final int ROW = 26;
  private static final int LEFT = 150;
  private static final int WIDTH = 460;
  private static final int BOTTOM = 24;
  private static final int LETTERS = 22;

  private IntervalChart() {}

  /// A line of the chart.
  ///
  /// @param value its figure
  /// @param low lower end; not a number for none
  /// @param high upper end
  /// @param single values behind it, drawn small
  public record Row(String name, double value, double low, double high, List<Double> single) {
    public Row {
      single = List.copyOf(single);
    }
  }

  /// Draws rows.
  ///
  /// @param what it shows, for those who do not see it
  public static Html of(String what, List<Row> rows) {
    Axis axis = axis(rows);
    int height = ROW * rows.size() + BOTTOM;
    Html html = new Html().open("div", "class", "chart");
    html.open("svg", "viewBox", "0 0 %d %d".formatted(WIDTH, height), "role", "img", "aria-label", what);
    for (double tick : axis.ticks()) {
      String x = Plot.number(x(axis, tick));
      html.open("line", "class", "axis", "x1", x, "x2", x, "y1", "0", "y2", Integer.toString(height - BOTTOM));
      html.close("line");
      html.element("text", Axis.text(tick), "x", x, "y", Integer.toString(height - 8), "text-anchor", "middle");
    }
    for (int i = 0; i < rows.size(); i++) {
      row(html.line(), axis, rows.get(i), ROW * i + ROW / 2.0);
    }
    return html.close("svg").close("div").line();
  }

  private static void row(Html html, Axis axis, Row row, double y) {
    String at = Plot.number(y);
    html.open("text", "x", Integer.toString(LEFT - 10), "y", Plot.number(y + 4), "text-anchor", "end");
    html.element("title", row.name()).text(shortened(row.name())).close("text");
    if (Double.isFinite(row.low()) && Double.isFinite(row.high())) {
      html.open("line", "x1", Plot.number(x(axis, row.low())), "x2", Plot.number(x(axis, row.high())),
          "y1", at, "y2", at, "stroke", Plot.colour(0), "stroke-width", "2").close("line");
    }
    for (double single : row.single()) {
      html.add(Plot.mark(1, x(axis, single), y, 2.5, Table.number(single)));
    }
    if (Double.isFinite(row.value())) {
      html.add(Plot.mark(0, x(axis, row.value()), y, 4, "%s: %s".formatted(row.name(), Table.number(row.value()))));
    }
  }

  private static String shortened(String name) {
    int signs = name.codePointCount(0, name.length());
    return signs <= LETTERS
        ? name
        : name.substring(0, name.offsetByCodePoints(0, LETTERS - 1)) + "…";
  }

  private static double x(Axis axis, double value) {
    return LEFT + axis.at(value) * (WIDTH - LEFT - 20);
  }

  private static Axis axis(List<Row> rows) {
    List<Double> all = new ArrayList<>();
    for (Row row : rows) {
      all.addAll(List.of(row.value(), row.low(), row.high()));
      all.addAll(row.single());
    }
    double[] finite =
        all.stream().mapToDouble(Double::doubleValue).filter(Double::isFinite).toArray();
    return Axis.around(
        "", DoubleStream.of(finite).min().orElse(0), DoubleStream.of(finite).max().orElse(1));
  }
}
