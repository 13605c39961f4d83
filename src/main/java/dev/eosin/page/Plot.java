package dev.eosin.page;

import java.util.List;
import java.util.Locale;

/// The frame of a chart with its axes, and what every chart draws with.
final class Plot {
  static final int WIDTH = 460;
  static final int HEIGHT = 320;
  private static final int LEFT = 52;

  /// Half of what the last number across may take.
  private static final int RIGHT = 22;

  private static final int TOP = 12;
  private static final int BOTTOM = 44;
  private static final List<String> COLOURS =
      List.of(
          "#b2467e", "#3a7fc1", "#c47a17", "#3f9a57", "#8a63c9", "#c9503e", "#2a9c9c", "#8c8a2e",
          "#7a7a86", "#d0628e");
  private static final List<String> DASHES = List.of("none", "6 3", "2 2", "8 3 2 3");

  private final Axis across;
  private final Axis up;
  private final Html html = new Html();

  /// @param what it shows, for those who do not see it
  Plot(String what, Axis across, Axis up) {
    this.across = across;
    this.up = up;
    html.open(
        "svg", "viewBox", "0 0 %d %d".formatted(WIDTH, HEIGHT), "role", "img", "aria-label", what);
    html.line();
    axes();
  }

  private void axes() {
    double floor = HEIGHT - BOTTOM;
    for (double tick : across.ticks()) {
      String x = number(x(tick));
      html.open("line", "class", "axis", "x1", x, "x2", x, "y1", number(TOP), "y2", number(floor));
      html.close("line");
      label(x, number(floor + 16), "middle", Axis.text(tick));
    }
    for (double tick : up.ticks()) {
      String y = number(y(tick));
      html.open(
          "line",
          "class",
          "axis",
          "x1",
          number(LEFT),
          "x2",
          number(WIDTH - RIGHT),
          "y1",
          y,
          "y2",
          y);
      html.close("line");
      label(number(LEFT - 6), number(y(tick) + 4), "end", Axis.text(tick));
    }
    label(number((LEFT + WIDTH - RIGHT) / 2.0), number(HEIGHT - 6.0), "middle", across.title());
    double middle = (TOP + floor) / 2;
    html.element(
        "text",
        up.title(),
        "x",
        "12",
        "y",
        number(middle),
        "text-anchor",
        "middle",
        "transform",
        "rotate(-90 12 %s)".formatted(number(middle)));
    html.line();
  }

  private void label(String x, String y, String anchor, String text) {
    html.element("text", text, "x", x, "y", y, "text-anchor", anchor).line();
  }

  double x(double value) {
    return LEFT + across.at(value) * (WIDTH - LEFT - RIGHT);
  }

  double y(double value) {
    return HEIGHT - BOTTOM - up.at(value) * (HEIGHT - TOP - BOTTOM);
  }

  /// A place as polylines write it.
  String point(double x, double y) {
    return number(x(x)) + "," + number(y(y));
  }

  static String number(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }

  static String colour(int series) {
    return COLOURS.get(series % COLOURS.size());
  }

  /// Tells series apart where colours do not.
  static String dash(int series) {
    return DASHES.get(series % DASHES.size());
  }

  /// A mark at a place in the picture: another shape for each ten series.
  static Html mark(int series, double x, double y, double size, String title) {
    String colour = colour(series);
    Html mark = new Html();
    String element = series / COLOURS.size() % 2 == 0 ? "circle" : "rect";
    if (element.equals("circle")) {
      mark.open(element, "cx", number(x), "cy", number(y), "r", number(size), "fill", colour);
    } else {
      mark.open(
          element,
          "x",
          number(x - size),
          "y",
          number(y - size),
          "width",
          number(2 * size),
          "height",
          number(2 * size),
          "fill",
          colour);
    }
    if (!title.isEmpty()) {
      mark.element("title", title);
    }
    return mark.close(element);
  }

  Plot add(Html drawn) {
    html.add(drawn).line();
    return this;
  }

  /// @param names of the series, which are told apart below it
  Html finish(List<String> names, boolean lines) {
    html.close("svg").line();
    if (names.size() > 1 || lines) {
      html.open("ul", "class", "legend");
      for (int i = 0; i < names.size(); i++) {
        html.open("li").open("svg", "viewBox", "0 0 18 12", "aria-hidden", "true");
        if (lines) {
          html.open(
                  "line",
                  "x1",
                  "0",
                  "x2",
                  "18",
                  "y1",
                  "6",
                  "y2",
                  "6",
                  "stroke",
                  colour(i),
                  "stroke-width",
                  "2",
                  "stroke-dasharray",
                  dash(i))
              .close("line");
        } else {
          html.add(mark(i, 9, 6, 4, ""));
        }
        html.close("svg").text(names.get(i)).close("li");
      }
      html.close("ul").line();
    }
    return new Html().open("div", "class", "chart").line().add(html).close("div").line();
  }
}
