package dev.eosin.eval.probes;

import dev.eosin.eval.Interval;
import java.util.Map;
import java.util.Optional;

/// A number with its 95 % interval over groups; NaN where it is not defined.
public record Figure(double value, Optional<Interval> interval) {
  /// Adds the value under a name, and with `_low` and `_high` behind it the ends of its interval,
  /// where it has one.
  public void put(Map<String, Double> metrics, String name) {
    metrics.put(name, value);
    interval.ifPresent(
        ends -> {
          metrics.put(name + "_low", ends.low());
          metrics.put(name + "_high", ends.high());
        });
  }
}
