package dev.eosin.run.rehearsals;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/// A [RateCurve] as an SVG picture: the rate on a logarithmic axis, the losses as they came in grey
/// and smoothed in black, the suggested rate as a line.
public final class RatePicture {
  private static final int WIDTH = 720;
  private static final int HEIGHT = 400;
  private static final int MARGIN = 50;

  private final List<RateCurve.Point> points;
  private final double firstDecade;
  private final double lastDecade;
  private final double highest;

  private RatePicture(RateCurve curve) {
    points = curve.points();
    firstDecade = decade(points.getFirst().rate());
    lastDecade = Math.max(firstDecade + 1, Math.ceil(Math.log10(points.getLast().rate())));
    highest = points.stream().mapToDouble(RateCurve.Point::loss).max().orElse(1);
  }

  private static double decade(double rate) {
    return Math.floor(Math.log10(rate));
  }

  /// @throws IllegalArgumentException when the curve has no point
  public static String svg(RateCurve curve) {
    if (curve.points().isEmpty()) {
      throw new IllegalArgumentException("the curve has no point to draw");
    }
    return new RatePicture(curve).draw(curve);
  }

  private String draw(RateCurve curve) {
    var svg = new StringBuilder();
    svg.append(
        text(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\">\n",
            WIDTH, HEIGHT));
    svg.append("<title>Loss over learning rate</title>\n");
    for (double exponent = firstDecade; exponent <= lastDecade; exponent++) {
      double x = x(Math.pow(10, exponent));
      svg.append(line(x, "#ddd"));
      svg.append(label(x, HEIGHT - MARGIN / 2.0, text("1e%.0f", exponent)));
    }
    svg.append(label(MARGIN / 2.0, y(highest) + 4, text("%.3g", highest)));
    svg.append(label(MARGIN / 2.0, y(0) + 4, "0"));
    svg.append(curve(RateCurve.Point::loss, "#bbb"));
    svg.append(curve(RateCurve.Point::smoothed, "#000"));
    curve.suggestion().ifPresent(rate -> svg.append(line(x(rate), "#c00")));
    return svg.append("</svg>\n").toString();
  }

  private String curve(ToDoubleFunction<RateCurve.Point> loss, String colour) {
    String corners =
        points.stream()
            .map(point -> text("%.1f,%.1f", x(point.rate()), y(loss.applyAsDouble(point))))
            .collect(Collectors.joining(" "));
    return text("<polyline fill=\"none\" stroke=\"%s\" points=\"%s\"/>\n", colour, corners);
  }

  private static String line(double x, String colour) {
    return text(
        "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\" stroke=\"%s\"/>\n",
        x, x, MARGIN, HEIGHT - MARGIN, colour);
  }

  private static String label(double x, double y, String label) {
    return text("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s</text>\n", x, y, label);
  }

  private double x(double rate) {
    double share = (Math.log10(rate) - firstDecade) / (lastDecade - firstDecade);
    return MARGIN + share * (WIDTH - 2 * MARGIN);
  }

  private double y(double loss) {
    return HEIGHT - MARGIN - loss / highest * (HEIGHT - 2 * MARGIN);
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
