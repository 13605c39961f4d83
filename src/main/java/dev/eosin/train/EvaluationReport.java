package dev.eosin.train;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;

/// What one evaluation found.
///
/// @param step updates done when it ran
/// @param name of the evaluation in the recipe
/// @param metrics by their names in `log.jsonl`, in order: `zero_shot_top1`, ...
/// @param confusion rows by true and found class, where the recipe asks for them
public record EvaluationReport(
    long step, String name, Map<String, Double> metrics, Optional<ConfusionCounts> confusion) {
  private static final String LOW = "_low";
  private static final String HIGH = "_high";

  public EvaluationReport {
    metrics = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
  }

  /// Of an evaluation that tells no single classes.
  public EvaluationReport(long step, String name, Map<String, Double> metrics) {
    this(step, name, metrics, Optional.empty());
  }

  /// The metrics for a person to read but those of single classes, of which the logs have a table;
  /// each with its interval where it has one: `zero_shot_top1 0.8125 (0.7800-0.8400)
  /// zero_shot_balanced_accuracy 0.8`.
  public String text() {
    return text(Integer.MAX_VALUE);
  }

  /// The first of them, and how many there are besides.
  ///
  /// @param most to be told, at least 1
  public String text(int most) {
    List<String> names =
        metrics.keySet().stream().filter(name -> !isBound(name) && !isOfClass(name)).toList();
    StringJoiner line = new StringJoiner("  ");
    names.stream().limit(most).map(this::text).forEach(line::add);
    if (names.size() > most) {
      line.add("and %d more".formatted(names.size() - most));
    }
    return line.toString();
  }

  private boolean isOfClass(String name) {
    return confusion
        .filter(
            counts ->
                counts.labels().stream()
                    .anyMatch(
                        label ->
                            name.endsWith("recall." + label)
                                || name.endsWith("precision." + label)
                                || name.endsWith("f1." + label)))
        .isPresent();
  }

  /// Whether a metric is an end of another one's interval.
  public boolean isBound(String name) {
    return (name.endsWith(LOW) && metrics.containsKey(stem(name, LOW)))
        || (name.endsWith(HIGH) && metrics.containsKey(stem(name, HIGH)));
  }

  private static String stem(String name, String ending) {
    return name.substring(0, name.length() - ending.length());
  }

  private String text(String name) {
    String value = String.format(Locale.ROOT, "%s %.4f", name, metrics.get(name));
    Double low = metrics.get(name + LOW);
    Double high = metrics.get(name + HIGH);
    return low == null || high == null
        ? value
        : value + String.format(Locale.ROOT, " (%.4f-%.4f)", low, high);
  }
}
