package dev.eosin.eval.probes;

import dev.eosin.eval.Interval;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/// Numbers that follow from what was said of rows, computed again for any choice of them.
public interface Figures {
  /// What they are called, in their order.
  List<String> names();

  /// Of rows that occur several times or not at all.
  ///
  /// @param times of each row `[n]`
  /// @return one for each name; NaN where it is not defined
  double[] of(int[] times);

  /// n
  int rows();

  /// Of every row once, by name.
  default Map<String, Double> values() {
    int[] once = new int[rows()];
    Arrays.fill(once, 1);
    double[] values = of(once);
    Map<String, Double> named = new LinkedHashMap<>();
    for (int i = 0; i < values.length; i++) {
      named.put(names().get(i), values[i]);
    }
    return Collections.unmodifiableMap(named);
  }

  /// One of them, of every row once; NaN where it is not defined.
  ///
  /// @throws IllegalArgumentException for another name
  default double value(String name) {
    Double value = values().get(name);
    if (value == null) {
      throw new IllegalArgumentException("no figure is called " + name);
    }
    return value;
  }

  /// What a figure came to in each resample; several are drawn at once, each by itself.
  ///
  /// @param count of resamples
  /// @return `[names][count]`
  default double[][] drawn(Resamples resamples, int count) {
    double[][] drawn = new double[names().size()][count];
    IntStream.range(0, count)
        .parallel()
        .forEach(
            resample -> {
              double[] values = of(resamples.times(resample));
              for (int i = 0; i < drawn.length; i++) {
                drawn[i][resample] = values[i];
              }
            });
    return drawn;
  }

  /// With 95 % intervals. A resample in which a figure is not defined says nothing of it; a figure
  /// that is not defined has no interval, nor have rows that are all of one group: their resamples
  /// are all alike, which is no certainty.
  ///
  /// @param count of resamples; 0 for no intervals
  default Map<String, Figure> measured(Resamples resamples, int count) {
    double[][] drawn = drawn(resamples, count);
    Map<String, Figure> measured = new LinkedHashMap<>();
    int i = 0;
    for (Map.Entry<String, Double> value : values().entrySet()) {
      double[] defined = Arrays.stream(drawn[i++]).filter(each -> !Double.isNaN(each)).toArray();
      boolean said = !value.getValue().isNaN() && defined.length > 0 && resamples.units() > 1;
      Optional<Interval> interval = said ? Optional.of(Interval.of(defined)) : Optional.empty();
      measured.put(value.getKey(), new Figure(value.getValue(), interval));
    }
    return Collections.unmodifiableMap(measured);
  }
}
