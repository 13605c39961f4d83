package dev.eosin.page;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;

/// Figures below each other, each with its interval or with the single values behind it.
public final class IntervalChart {
  private static final int ROW = 26;
  private static final int WIDTH = 290;
  private static final int RIGHT = 20;
  private static final int BOTTOM = 24;

  /// Letters of a name that are shown, and how wide one is at most on average in common fonts.
  private static final int LETTERS = 25;

  private static final double LETTER = 7.4;

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
    double left = left(rows);
    int height = ROW * rows.size() + BOTTOM;
    Html html = new Html().open("div", "class", "chart");
    String view = "0 0 %s %d".formatted(Plot.number(left + WIDTH + RIGHT), height);
    html.open("svg", "viewBox", view, "role", "img", "aria-label", what);
    for (double tick : axis.ticks()) {
      String x = Plot.number(x(axis, left, tick));
      html.open(
          "line",
          "class",
          "axis",
          "x1",
          x,
          "x2",
          x,
          "y1",
          "0",
          "y2",
          Integer.toString(height - BOTTOM));
      html.close("line");
      html.element(
          "text",
          Axis.text(tick),
          "x",
          x,
          "y",
          Integer.toString(height - 8),
          "text-anchor",
          "middle");
    }
    for (int i = 0; i < rows.size(); i++) {
      row(html.line(), axis, left, rows.get(i), ROW * i + ROW / 2.0);
    }
    return html.close("svg").close("div").line();
  }

  /// Room for names.
  private static double left(List<Row> rows) {
    int letters = rows.stream().mapToInt(row -> shortened(row.name()).length()).max().orElse(0);
    return 20 + LETTER * letters;
  }

  private static void row(Html html, Axis axis, double left, Row row, double y) {
    String at = Plot.number(y);
    html.open("text", "x", Plot.number(left - 10), "y", Plot.number(y + 4), "text-anchor", "end");
    html.element("title", row.name()).text(shortened(row.name())).close("text");
    if (Double.isFinite(row.low()) && Double.isFinite(row.high())) {
      html.open(
              "line",
              "x1",
              Plot.number(x(axis, left, row.low())),
              "x2",
              Plot.number(x(axis, left, row.high())),
              "y1",
              at,
              "y2",
              at,
              "stroke",
              Plot.colour(0),
              "stroke-width",
              "2")
          .close("line");
    }
    for (double single : row.single()) {
      html.add(Plot.mark(1, x(axis, left, single), y, 2.5, Table.number(single)));
    }
    if (Double.isFinite(row.value())) {
      String title = "%s: %s".formatted(row.name(), Table.number(row.value()));
      html.add(Plot.mark(0, x(axis, left, row.value()), y, 4, title));
    }
  }

  private static String shortened(String name) {
    int signs = name.codePointCount(0, name.length());
    return signs <= LETTERS
        ? name
        : name.substring(0, name.offsetByCodePoints(0, LETTERS - 1)) + "…";
  }

  private static double x(Axis axis, double left, double value) {
    return left + axis.at(value) * WIDTH;
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
