package dev.eosin.eval;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// The outcome of one zero-shot evaluation.
///
/// @param confusion counts of true and predicted classes
/// @param intervals 95 % intervals, where they were asked for
public record ZeroShotResult(ConfusionMatrix confusion, Optional<Intervals> intervals) {
  /// 95 % intervals of the two main metrics.
  public record Intervals(Interval top1, Interval balancedAccuracy) {}

  /// The metrics by their names in `log.jsonl`: `zero_shot_top1`, `zero_shot_balanced_accuracy`,
  /// `zero_shot_f1_macro`, `zero_shot_f1_weighted`, and with intervals `zero_shot_top1_low`, ...
  public Map<String, Double> metrics() {
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put("zero_shot_top1", confusion.top1());
    metrics.put("zero_shot_balanced_accuracy", confusion.balancedAccuracy());
    metrics.put("zero_shot_f1_macro", confusion.f1Macro());
    metrics.put("zero_shot_f1_weighted", confusion.f1Weighted());
    intervals.ifPresent(
        found -> {
          put(metrics, "zero_shot_top1", found.top1());
          put(metrics, "zero_shot_balanced_accuracy", found.balancedAccuracy());
        });
    return metrics;
  }

  private static void put(Map<String, Double> metrics, String name, Interval interval) {
    metrics.put(name + "_low", interval.low());
    metrics.put(name + "_high", interval.high());
  }
}
