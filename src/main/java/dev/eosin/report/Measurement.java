package dev.eosin.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// One evaluation of `evaluation.json`: its figures with their intervals.
///
/// @param name as the file has it
/// @param model `model`, `against`, `random-weights` or `difference`
/// @param task the name without the model
/// @param figures by name
public record Measurement(String name, String model, String task, Map<String, Figure> figures) {
  /// The model itself.
  public static final String MODEL = "model";

  /// The first model less the other.
  static final String DIFFERENCE = "difference";

  private static final List<String> OTHERS = List.of("against", "random-weights", DIFFERENCE);

  /// A figure.
  ///
  /// @param value not a number where it is not defined
  /// @param low not a number where it has no interval
  public record Figure(double value, double low, double high) {}

  /// All of a file, in its order.
  ///
  /// @param evaluations metrics by evaluation
  public static List<Measurement> of(JsonNode evaluations) {
    List<Measurement> all = new ArrayList<>();
    for (Map.Entry<String, JsonNode> each : evaluations.properties()) {
      String name = each.getKey();
      int slash = name.indexOf('/');
      boolean other = slash > 0 && OTHERS.contains(name.substring(0, slash));
      all.add(
          new Measurement(
              name,
              other ? name.substring(0, slash) : MODEL,
              other ? name.substring(slash + 1) : name,
              figures(each.getValue())));
    }
    return all;
  }

  /// Metrics without those that are ends of intervals.
  static Map<String, Figure> figures(JsonNode metrics) {
    Map<String, Figure> figures = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> each : metrics.properties()) {
      String name = each.getKey();
      if (!isEnd(metrics, name, "_low") && !isEnd(metrics, name, "_high")) {
        figures.put(
            name,
            new Figure(
                number(each.getValue()),
                number(metrics.path(name + "_low")),
                number(metrics.path(name + "_high"))));
      }
    }
    return figures;
  }

  private static boolean isEnd(JsonNode metrics, String name, String ending) {
    return name.endsWith(ending) && metrics.has(name.substring(0, name.length() - ending.length()));
  }

  static double number(JsonNode node) {
    return node.isNumber() ? node.doubleValue() : Double.NaN;
  }
}
