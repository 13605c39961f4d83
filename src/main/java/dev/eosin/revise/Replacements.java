package dev.eosin.revise;

import dev.eosin.random.RandomStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// What stands in the place of a term so that the class's terms stay as frequent as they are.
///
/// With p the frequencies of a class's n values, a value v becomes w (never v itself) with
/// probability d(w) / (D - d(v)), D being the sum of d. The flow from v to w is p(v) d(w) / (D -
/// d(v)); with d chosen so that d(v) (D - d(v)) is proportional to p(v) it is proportional to d(v)
/// d(w), the same in both directions, and every value is lost as often as it is put in (Sinkhorn
/// and Knopp 1967, for a symmetric matrix without diagonal). There is such a d where no value has
/// more than half of the class.
///
/// @param shares of the occurrences of a value that may be replaced at all, where it has more than
///   its part of the class
/// @param weights d, by value
record Replacements(Map<String, Double> shares, SortedMap<String, Double> weights) {
  /// Less than a half, from which on there are no weights; of two values each has its half.
  private static final double MOST = 0.45;

  private static final int ROUNDS = 500;

  /// What part of each value's occurrences may be replaced.
  ///
  /// @param counts how often each value is there, above 0
  static Map<String, Double> shares(Map<String, Double> counts) {
    double all = counts.values().stream().mapToDouble(Double::doubleValue).sum();
    double most = counts.size() == 2 ? 1 : MOST / (1 - MOST);
    Map<String, Double> shares = new LinkedHashMap<>();
    counts.forEach((value, count) -> shares.put(value, Math.min(1, most * (all - count) / count)));
    return shares;
  }

  /// @param shares as [#shares] gives them
  /// @param counts how often each value is there that may be replaced, above 0; at least two values
  static Replacements of(Map<String, Double> shares, SortedMap<String, Double> counts) {
    double all = counts.values().stream().mapToDouble(Double::doubleValue).sum();
    SortedMap<String, Double> weights = new TreeMap<>();
    counts.forEach((value, count) -> weights.put(value, Math.min(count / all, MOST)));
    if (counts.size() > 2) {
      for (int round = 0; round < ROUNDS; round++) {
        for (Map.Entry<String, Double> one : weights.entrySet()) {
          double sum = weights.values().stream().mapToDouble(Double::doubleValue).sum();
          double wanted = Math.min(Objects.requireNonNull(counts.get(one.getKey())) / all, MOST);
          one.setValue(wanted / (sum - one.getValue()));
        }
      }
    }
    return new Replacements(shares, weights);
  }

  /// Another value.
  ///
  /// @param without values that will not do; where they are all, any other will
  String drawn(String value, Set<String> without, RandomStream random) {
    List<String> fitting =
        weights.keySet().stream()
            .filter(other -> !isSame(other, value) && !without.contains(other))
            .toList();
    if (fitting.isEmpty()) {
      fitting = weights.keySet().stream().filter(other -> !other.equals(value)).toList();
    }
    double sum = fitting.stream().mapToDouble(this::weight).sum();
    double left = random.nextDouble() * sum;
    for (String other : fitting) {
      left -= weight(other);
      if (left < 0) {
        return other;
      }
    }
    return fitting.getLast();
  }

  /// Whether two values differ in nothing but British and American spelling.
  private static boolean isSame(String value, String other) {
    return spelt(value).equals(spelt(other));
  }

  private static String spelt(String value) {
    return value.replaceAll("[ao]e", "e").replace("is", "iz");
  }

  private double weight(String value) {
    return Objects.requireNonNull(weights.get(value));
  }
}
