package dev.eosin.train;

import java.util.LinkedHashMap;
import java.util.Map;

/// What one evaluation found.
///
/// @param step updates done when it ran
/// @param name of the evaluation in the recipe
/// @param metrics by their names in `log.jsonl`, in order: `zero_shot_top1`, ...
public record EvaluationReport(long step, String name, Map<String, Double> metrics) {
  public EvaluationReport {
    metrics = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
  }
}
