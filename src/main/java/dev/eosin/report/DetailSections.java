package dev.eosin.report;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.page.Html;
import dev.eosin.page.IntervalChart;
import dev.eosin.page.LineChart;
import dev.eosin.page.Table;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.function.ToDoubleFunction;

/// What `details` say besides figures of classes: prompts, layers, scores of answers, and what
/// decided the figures.
final class DetailSections {
  private static final Set<String> DRAWN_ELSEWHERE =
      Set.of("classes", "single_prompts", "layers", "first_run", "scores", "counts");
  private static final String ACCURACY = "accuracy";
  private static final String F1_MACRO = "f1_macro";
  private static final String AUC_MACRO = "auc_macro";
  // What Multimodal-Probes tells of a layer.
  private static final List<String> LAYER_FIGURES = List.of(ACCURACY, F1_MACRO, AUC_MACRO);
  private static final int LONGEST = 600;

  private DetailSections() {}

  /// By how much a figure depends on the words of single prompts.
  static Html prompts(JsonNode single) {
    List<String> figures = new ArrayList<>();
    single.properties().stream()
        .filter(each -> each.getValue().has("mean"))
        .forEach(each -> figures.add(each.getKey()));
    List<IntervalChart.Row> rows = new ArrayList<>();
    Table spread = new Table(List.of("figure", "mean", "SD", "min", "max"));
    for (String figure : figures) {
      JsonNode of = single.path(figure);
      List<Double> values = new ArrayList<>();
      single.path("prompts").forEach(prompt -> values.add(Measurement.number(prompt.path(figure))));
      rows.add(
          new IntervalChart.Row(
              figure, number(of, "mean"), number(of, "min"), number(of, "max"), values));
      spread.row(
          List.of(
              Table.Cell.of(figure),
              Table.Cell.of(number(of, "mean")),
              Table.Cell.of(number(of, "sd")),
              Table.Cell.of(number(of, "min")),
              Table.Cell.of(number(of, "max"))));
    }
    Table each = new Table(List.of("template", "name of each class", ACCURACY));
    for (JsonNode prompt : single.path("prompts")) {
      each.row(
          List.of(
              Table.Cell.of(prompt.path("template").asText()),
              Table.Cell.of(prompt.path("name").asLong() + 1),
              Table.Cell.of(number(prompt, ACCURACY))));
    }
    Html html = Html.of("h3", "Prompt sensitivity").line();
    html.element("p", "The range and the mean of single prompts; each small mark is one prompt.");
    html.open("div", "class", "pair").open("div").add(spread.html()).add(each.html()).close("div");
    html.open("div").add(IntervalChart.of("figures of single prompts", rows)).close("div");
    return html.close("div").line();
  }

  private static double number(JsonNode of, String name) {
    return Measurement.number(of.path(name));
  }

  /// What each layer knows, with its interval.
  static Html layers(JsonNode layers) {
    List<LineChart.Line> lines = new ArrayList<>();
    for (String figure : LAYER_FIGURES) {
      lines.add(
          new LineChart.Line(
              figure,
              numbers(layers, layer -> number(layer, "layer")),
              numbers(layers, layer -> number(layer, figure)),
              numbers(layers, layer -> number(layer, figure + "_low")),
              numbers(layers, layer -> number(layer, figure + "_high"))));
    }
    Table table = new Table(List.of("layer", ACCURACY, F1_MACRO, AUC_MACRO, "C"));
    for (JsonNode layer : layers) {
      List<Table.Cell> cells = new ArrayList<>();
      cells.add(Table.Cell.of(layer.path("layer").asText()));
      for (String figure : LAYER_FIGURES) {
        cells.add(
            Table.Cell.of(
                number(layer, figure),
                number(layer, figure + "_low"),
                number(layer, figure + "_high")));
      }
      cells.add(Table.Cell.of(number(layer, "c")));
      table.row(cells);
    }
    Html html = Html.of("h3", "Layers").open("div", "class", "pair").open("div");
    html.add(LineChart.of("figures over layers", "layer", "figure", lines)).close("div");
    return html.open("div").add(table.html()).close("div").close("div").line();
  }

  private static double[] numbers(JsonNode array, ToDoubleFunction<JsonNode> of) {
    double[] numbers = new double[array.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = of.applyAsDouble(array.path(i));
    }
    return numbers;
  }

  /// Scores of answers: a row for each figure, slice and control.
  static Html scores(JsonNode scores) {
    List<String> columns = new ArrayList<>();
    for (JsonNode score : scores) {
      score.properties().forEach(each -> addNew(columns, each.getKey()));
    }
    columns.removeAll(List.of("value", "low", "high"));
    List<String> titles = new ArrayList<>(columns);
    titles.add("value (95 %)");
    Table table = new Table(titles);
    for (JsonNode score : scores) {
      List<Table.Cell> cells = new ArrayList<>();
      for (String column : columns) {
        JsonNode value = score.path(column);
        cells.add(
            value.isIntegralNumber()
                ? Table.Cell.of(value.asLong())
                : Table.Cell.of(value.asText()));
      }
      cells.add(Table.Cell.of(number(score, "value"), number(score, "low"), number(score, "high")));
      table.row(cells);
    }
    return Html.of("h3", "Scores").line().add(table.html()).line();
  }

  private static void addNew(List<String> to, String name) {
    if (!to.contains(name)) {
      to.add(name);
    }
  }

  /// What decided the figures of an evaluation: everything that is not drawn elsewhere.
  static Map<String, String> settings(JsonNode details) {
    Map<String, String> settings = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> each : details.properties()) {
      if (!DRAWN_ELSEWHERE.contains(each.getKey())) {
        settings.put(each.getKey(), text(each.getValue()));
      }
    }
    return settings;
  }

  private static String text(JsonNode node) {
    String text;
    if (node.isArray()) {
      StringJoiner joined = new StringJoiner("; ");
      node.forEach(each -> joined.add(text(each)));
      text = joined.toString();
    } else if (node.isObject()) {
      StringJoiner joined = new StringJoiner(", ");
      node.properties().forEach(each -> joined.add(each.getKey() + ": " + text(each.getValue())));
      text = joined.toString();
    } else {
      text = node.asText();
    }
    if (text.length() <= LONGEST) {
      return text;
    }
    int end = text.offsetByCodePoints(0, LONGEST / 2);
    return text.substring(0, end) + "… (all of it is in report.json)";
  }
}
