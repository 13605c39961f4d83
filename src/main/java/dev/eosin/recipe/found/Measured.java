package dev.eosin.recipe.found;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.eval.samples.SampleResults;
import dev.eosin.train.EvaluationReport;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What one evaluation of something stored found.
///
/// @param report as a training logs it
/// @param lines for a person to read
/// @param notes those of the lines that a page of results repeats
/// @param details that `evaluation.json` has besides the report's numbers, by name
/// @param samples what was found of each sample; empty where that is not kept
public record Measured(
    EvaluationReport report,
    List<String> lines,
    List<String> notes,
    Map<String, JsonNode> details,
    Optional<SampleResults> samples) {
  public Measured {
    lines = List.copyOf(lines);
    notes = List.copyOf(notes);
    details = Collections.unmodifiableMap(new LinkedHashMap<>(details));
  }

  /// Where nothing is kept of samples.
  public Measured(EvaluationReport report, List<String> lines, Map<String, JsonNode> details) {
    this(report, lines, List.of(), details, Optional.empty());
  }

  /// Of numbers alone, in a line.
  public static Measured of(EvaluationReport report) {
    return new Measured(report, List.of(report.name() + "  " + report.text()), Map.of());
  }
}
