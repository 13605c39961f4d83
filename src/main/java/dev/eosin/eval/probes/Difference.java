package dev.eosin.eval.probes;

import dev.eosin.eval.Interval;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// By how much one model is better than another on the same rows.
///
/// @param value of the first less that of the second
/// @param interval 95 %, of differences on the same resamples
/// @param p two-sided: of `count` resamples in which it is defined, let `fewer` be those in which
///   the difference is at most 0, or those in which it is at least 0, whichever are fewer; then 2
///   (fewer + 1) / (count + 1), at most 1. It is never 0: the data itself counts as one more
///   resample (Davison and Hinkley 1997, section 4.2)
public record Difference(double value, Optional<Interval> interval, double p) {
  /// @param first what resamples came to; NaN where it is not defined
  /// @param second of the same resamples
  public static Difference of(double value, double[] first, double[] second) {
    double[] differences = new double[first.length];
    int count = 0;
    int least = 0;
    int most = 0;
    for (int i = 0; i < first.length; i++) {
      double difference = first[i] - second[i];
      if (!Double.isNaN(difference)) {
        differences[count++] = difference;
        least += difference <= 0 ? 1 : 0;
        most += difference >= 0 ? 1 : 0;
      }
    }
    if (count == 0 || Double.isNaN(value)) {
      return new Difference(value, Optional.empty(), Double.NaN);
    }
    Interval interval = Interval.of(Arrays.copyOf(differences, count));
    double p = Math.min(1, 2.0 * (Math.min(least, most) + 1) / (count + 1));
    return new Difference(value, Optional.of(interval), p);
  }

  /// Of every figure, by name; without interval and p where all rows are of one group.
  ///
  /// @param count of resamples
  /// @throws IllegalArgumentException when they are of other rows or other figures
  public static Map<String, Difference> of(
      Figures first, Figures second, Resamples resamples, int count) {
    if (first.rows() != second.rows() || !first.names().equals(second.names())) {
      throw new IllegalArgumentException(
          "%s of %d rows and %s of %d rows"
              .formatted(first.names(), first.rows(), second.names(), second.rows()));
    }
    double[][] ofFirst = first.drawn(resamples, count);
    double[][] ofSecond = second.drawn(resamples, count);
    Map<String, Difference> differences = new LinkedHashMap<>();
    int i = 0;
    for (String name : first.names()) {
      double value = first.value(name) - second.value(name);
      differences.put(
          name,
          resamples.units() > 1
              ? of(value, ofFirst[i], ofSecond[i])
              : new Difference(value, Optional.empty(), Double.NaN));
      i++;
    }
    return differences;
  }
}
