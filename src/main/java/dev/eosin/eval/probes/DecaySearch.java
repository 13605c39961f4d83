package dev.eosin.eval.probes;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Searches a weight decay as LAION-AI/CLIP_benchmark 48de38c does, after Radford et al. 2021: of
/// 97 values from 1e-6 to 1e2 in equal ratios every sixteenth is tried, then thrice the neighbours
/// of the best at distances of 8, 4, 2 and 1. Of equals the first in this order counts.
public final class DecaySearch {
  private static final int VALUES = 97;
  private static final int COARSE = 16;
  private static final double LEAST_POWER = -6;
  private static final double POWERS = 8;

  private final DoubleUnaryOperator reached;
  private final Map<Integer, Double> known = new HashMap<>();

  /// @param reached by a decay: the accuracy on rows that choose. A pure function, asked by several
  ///   threads at once
  public DecaySearch(DoubleUnaryOperator reached) {
    this.reached = reached;
  }

  /// A value of the grid.
  static double value(int place) {
    return Math.pow(10, LEAST_POWER + POWERS * place / (VALUES - 1));
  }

  /// The place of the best value in the grid.
  int bestPlace() {
    int peak = best(IntStream.iterate(0, i -> i < VALUES, i -> i + COARSE).boxed().toList());
    for (int span = COARSE / 2; span > 0; span /= 2) {
      peak = best(List.of(Math.max(peak - span, 0), peak, Math.min(peak + span, VALUES - 1)));
    }
    return peak;
  }

  /// The best value.
  public double best() {
    return value(bestPlace());
  }

  /// What a value reached that was tried.
  public double reachedBy(double decay) {
    return known.entrySet().stream()
        .filter(each -> value(each.getKey()) == decay)
        .mapToDouble(Map.Entry::getValue)
        .findFirst()
        .orElse(Double.NaN);
  }

  /// Where nothing is right anywhere, the least value, as there.
  private int best(List<Integer> places) {
    known.putAll(
        places.stream()
            .distinct()
            .filter(place -> !known.containsKey(place))
            .toList()
            .parallelStream()
            .collect(
                Collectors.toMap(place -> place, place -> reached.applyAsDouble(value(place)))));
    int best = 0;
    double most = 0;
    for (int place : places) {
      double now = known.getOrDefault(place, 0.0);
      if (now > most) {
        best = place;
        most = now;
      }
    }
    return best;
  }
}
