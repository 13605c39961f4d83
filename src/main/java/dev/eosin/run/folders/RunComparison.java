package dev.eosin.run.folders;

import dev.eosin.config.Difference;
import dev.eosin.train.EvaluationReport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.TreeSet;

/// Two runs beside each other: what their recipes do not share, and what came of it.
///
/// @param first the run that the other is compared with
/// @param differences of the resolved recipes
/// @param metrics by name, `<evaluation>.<metric>`, where both runs have it at one step; ends of
///   intervals are not among them
public record RunComparison(
    RunOverview first,
    RunOverview second,
    List<Difference> differences,
    Map<String, Metric> metrics) {
  /// One metric of both runs at the last step at which both have it: two numbers of different steps
  /// say nothing.
  public record Metric(long step, double first, double second) {}

  public RunComparison {
    differences = List.copyOf(differences);
    metrics = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
  }

  public static RunComparison of(RunOverview first, RunOverview second) {
    var metrics = new LinkedHashMap<String, Metric>();
    for (String name : first.history().newest().keySet()) {
      compare(name, first, second, metrics);
    }
    return new RunComparison(first, second, first.recipe().differences(second.recipe()), metrics);
  }

  /// Evaluations that only one of the runs has, or that never ran at the same step.
  public List<String> unmatched() {
    var names = new TreeSet<>(first.history().newest().keySet());
    names.addAll(second.history().newest().keySet());
    names.removeIf(name -> metrics.keySet().stream().anyMatch(key -> key.startsWith(name + ".")));
    return new ArrayList<>(names);
  }

  private static void compare(
      String name, RunOverview first, RunOverview second, Map<String, Metric> metrics) {
    Map<Long, EvaluationReport> one = bySteps(name, first);
    Map<Long, EvaluationReport> two = bySteps(name, second);
    OptionalLong step =
        one.keySet().stream().filter(two::containsKey).mapToLong(Long::longValue).max();
    if (step.isEmpty()) {
      return;
    }
    EvaluationReport before = Objects.requireNonNull(one.get(step.getAsLong()));
    EvaluationReport after = Objects.requireNonNull(two.get(step.getAsLong()));
    before
        .metrics()
        .forEach(
            (metric, value) -> {
              Double other = after.metrics().get(metric);
              if (other != null && !before.isBound(metric)) {
                metrics.put(name + "." + metric, new Metric(step.getAsLong(), value, other));
              }
            });
  }

  private static Map<Long, EvaluationReport> bySteps(String name, RunOverview run) {
    var reports = new LinkedHashMap<Long, EvaluationReport>();
    for (EvaluationReport report : run.history().evaluations()) {
      if (report.name().equals(name)) {
        reports.put(report.step(), report);
      }
    }
    return reports;
  }
}
