package dev.eosin.run.rehearsals;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/// Loss over learning rate, as a range test found it.
///
/// @param points in order of the rate
/// @param diverged whether the test ended because the loss was above four times its best, or not
///   finite
/// @param chance the loss of a model that answers everything alike
public record RateCurve(List<Point> points, boolean diverged, double chance) {
  /// Fewer say nothing about a slope.
  static final int FEWEST_POINTS = 10;

  private static final double DIVERGED = 4;

  /// A loss that rises above where it began, and this far above its best, has left what was
  /// learned, whatever it falls to after that.
  private static final double SPIKE_OVER_BEST = 1.5;

  private static final double SPIKE_OVER_FIRST = 1.2;

  /// As many last losses as close to chance say that the model answers everything alike.
  private static final int AT_CHANCE_POINTS = 5;

  private static final double AT_CHANCE_WITHIN = 0.01;

  /// Where the curve ends at chance after it was elsewhere, a smaller rise is the way there.
  private static final double COLLAPSE = 0.04;

  /// The usual rule of thumb: the lowest loss comes just before divergence.
  private static final double BELOW_MINIMUM = 10;

  private static final int ROWS_SHOWN = 12;

  /// @param loss before the step that was taken at the rate
  /// @param smoothed mean of the losses so far, weighted to the last ones
  public record Point(double rate, double loss, double smoothed) {}

  /// An exponential moving average without the pull of its start, as Adam corrects its moments.
  static final class Smoothing {
    private static final double MEMORY = 0.9;
    private double sum;
    private double weight;
    private double best = Double.POSITIVE_INFINITY;

    double add(double loss) {
      sum = MEMORY * sum + (1 - MEMORY) * loss;
      weight = MEMORY * weight + (1 - MEMORY);
      best = Math.min(best, value());
      return value();
    }

    private double value() {
      return sum / weight;
    }

    boolean diverged() {
      return value() > DIVERGED * best;
    }
  }

  public RateCurve {
    points = List.copyOf(points);
  }

  /// Where the smoothed loss is lowest before it spikes; empty where the curve has too few points.
  public Optional<Point> minimum() {
    return points.size() < FEWEST_POINTS
        ? Optional.empty()
        : points.subList(0, sound()).stream().min(Comparator.comparingDouble(Point::smoothed));
  }

  /// How many points come before a spike: a model that spiked may have collapsed to one answer for
  /// everything, whose loss is that of chance and can be lower than what came before.
  private int sound() {
    int end = collapse();
    double best = Double.POSITIVE_INFINITY;
    for (int i = 0; i < end; i++) {
      double smoothed = points.get(i).smoothed;
      best = Math.min(best, smoothed);
      boolean spiked =
          smoothed > SPIKE_OVER_BEST * best
              && smoothed > SPIKE_OVER_FIRST * points.getFirst().smoothed;
      if (spiked || collapsed() && smoothed > (1 + COLLAPSE) * best) {
        return i;
      }
    }
    return end;
  }

  /// How many points come before the loss stays at chance, where it was not from the start.
  private int collapse() {
    int from = points.size();
    while (from > 0 && isNear(points.get(from - 1).loss, AT_CHANCE_WITHIN)) {
      from--;
    }
    boolean wasElsewhere =
        points.subList(0, from).stream().anyMatch(point -> !isNear(point.smoothed, COLLAPSE));
    return wasElsewhere && points.size() - from >= AT_CHANCE_POINTS ? from : points.size();
  }

  private boolean isNear(double loss, double within) {
    return Math.abs(loss - chance) <= within * chance;
  }

  private boolean collapsed() {
    return collapse() < points.size();
  }

  /// Whether the model was ever better than one that answers everything alike. The smoothed loss
  /// need not show it: it comes from above.
  private boolean learned() {
    return points.subList(0, sound()).stream()
        .anyMatch(point -> point.loss < (1 - AT_CHANCE_WITHIN) * chance);
  }

  /// Where the smoothed loss falls fastest per factor of the rate, before its minimum.
  public Optional<Point> steepest() {
    int last = minimum().map(points::indexOf).orElse(0);
    return IntStream.range(1, last)
        .boxed()
        .min(Comparator.comparingDouble(this::slope))
        .map(points::get);
  }

  private double slope(int index) {
    Point before = points.get(index - 1);
    Point after = points.get(index + 1);
    return (after.smoothed - before.smoothed) / Math.log(after.rate / before.rate);
  }

  /// A tenth of the rate with the lowest loss; empty where that rate was not tried, since a loss
  /// that is lowest at the beginning never fell.
  public Optional<Double> suggestion() {
    return minimum()
        .map(point -> point.rate / BELOW_MINIMUM)
        .filter(rate -> rate >= points.getFirst().rate)
        .filter(rate -> !collapsed() || learned());
  }

  /// For a person to read.
  public List<String> lines() {
    var lines = new ArrayList<String>();
    lines.add("rate       loss      smoothed");
    int between = Math.max(1, (points.size() + ROWS_SHOWN - 1) / ROWS_SHOWN);
    for (int i = 0; i < points.size(); i++) {
      if (i % between == 0 || i == points.size() - 1) {
        Point point = points.get(i);
        lines.add(text("%.2e  %9.4f  %9.4f", point.rate, point.loss, point.smoothed));
      }
    }
    lines.add(end());
    if (!diverged && !collapsed() && sound() < points.size()) {
      lines.add(
          text(
              "the loss spiked at rate %.2e: what it falls to after that is a collapse to one answer for everything, and is left out",
              points.get(sound()).rate));
    }
    if (minimum().isEmpty()) {
      lines.add("too few steps for a suggestion: lower --from");
    }
    minimum().ifPresent(at -> lines.add(text("lowest loss       at rate %.2e", at.rate)));
    steepest().ifPresent(at -> lines.add(text("steepest descent  at rate %.2e", at.rate)));
    suggestion()
        .ifPresent(
            rate ->
                lines.add(
                    text(
                        "suggested: optimizer.lr=%.1e, a tenth of the rate with the lowest loss",
                        rate)));
    if (minimum().isPresent() && suggestion().isEmpty()) {
      lines.add(
          collapsed()
              ? "no suggestion: the loss was never below what it collapsed to; lower --from"
              : "no suggestion: the loss is lowest where the range begins; give more --steps, or lower --from");
    }
    return lines;
  }

  private String end() {
    if (diverged) {
      return text("diverged after %d steps", points.size());
    }
    return collapsed()
        ? text(
            "collapsed: from rate %.2e on the loss stays at %.4f, that of one answer for everything; what comes from rate %.2e on is left out",
            points.get(collapse()).rate, chance, points.get(sound()).rate)
        : "did not diverge: a higher --to would show where it does";
  }

  /// `rate,loss,smoothed_loss`, one line a step.
  public String csv() {
    var text = new StringBuilder("rate,loss,smoothed_loss\n");
    points.forEach(
        point -> text.append(text("%.6e,%.6f,%.6f\n", point.rate, point.loss, point.smoothed)));
    return text.toString();
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
