package dev.eosin.eval.probes;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The mean of the same figures over several runs or draws, on the same rows. Their intervals are
/// of the mean, over the rows; how far runs lie apart is another question, which [#spreads]
/// answers.
///
/// @param runs at least one, of the same figures and rows
public record MeanFigures(List<Figures> runs) implements Figures {
  /// @throws IllegalArgumentException for none, or such as differ
  public MeanFigures {
    runs = List.copyOf(runs);
    if (runs.isEmpty()) {
      throw new IllegalArgumentException("a mean of no runs");
    }
    for (Figures run : runs) {
      if (run.rows() != runs.getFirst().rows() || !run.names().equals(runs.getFirst().names())) {
        throw new IllegalArgumentException("runs of other rows or figures");
      }
    }
  }

  @Override
  public List<String> names() {
    return runs.getFirst().names();
  }

  @Override
  public int rows() {
    return runs.getFirst().rows();
  }

  @Override
  public double[] of(int[] times) {
    double[] mean = new double[names().size()];
    for (Figures run : runs) {
      double[] values = run.of(times);
      Arrays.setAll(mean, i -> mean[i] + values[i]);
    }
    // Divided at the end: runs that agree have exactly what they agree on.
    Arrays.setAll(mean, i -> mean[i] / runs.size());
    return mean;
  }

  /// How far the runs lie apart, by figure; not of those that a run lacks.
  public Map<String, Spread> spreads() {
    Map<String, Spread> spreads = new LinkedHashMap<>();
    for (String name : names()) {
      double[] values =
          runs.stream().mapToDouble(run -> run.values().getOrDefault(name, Double.NaN)).toArray();
      if (Arrays.stream(values).noneMatch(Double::isNaN)) {
        spreads.put(name, Spread.of(values));
      }
    }
    return spreads;
  }
}
