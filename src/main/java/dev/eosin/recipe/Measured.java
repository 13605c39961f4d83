package dev.eosin.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.train.EvaluationReport;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What one evaluation of something stored found.
///
/// @param report as a training logs it
/// @param lines for a person to read
/// @param details that `evaluation.json` has besides the report's numbers, by name
public record Measured(EvaluationReport report, List<String> lines, Map<String, JsonNode> details) {
  public Measured {
    lines = List.copyOf(lines);
    details = Collections.unmodifiableMap(new LinkedHashMap<>(details));
  }

  /// Of numbers alone, in a line.
  static Measured of(EvaluationReport report) {
    return new Measured(report, List.of(report.name() + "  " + report.text()), Map.of());
  }
}
