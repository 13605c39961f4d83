package dev.eosin.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.eval.probes.Difference;
import dev.eosin.page.Html;
import dev.eosin.page.IntervalChart;
import dev.eosin.page.Page;
import dev.eosin.page.Table;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// A comparison for people and for programs: lines, a page, JSON.
public final class ComparisonPage {
  private ComparisonPage() {}

  /// Lines for a terminal.
  public static List<String> lines(Comparison comparison) {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < comparison.names().size(); i++) {
      lines.add("%s = %s".formatted(letter(i), comparison.names().get(i)));
    }
    int widest = comparison.rows().stream().mapToInt(row -> name(row).length()).max().orElse(0);
    for (Comparison.Row row : comparison.rows()) {
      StringBuilder line = new StringBuilder(name(row));
      line.repeat(' ', widest - line.length());
      for (int i = 0; i < row.values().size(); i++) {
        line.append("  ").append(letter(i)).append(' ').append(text(row.values().get(i)));
      }
      for (int i = 0; i < row.differences().size(); i++) {
        line.append("  ")
            .append(letter(i + 1))
            .append("-A ")
            .append(text(row.differences().get(i)));
      }
      lines.add(line.toString());
    }
    lines.addAll(comparison.notes());
    return lines;
  }

  private static String name(Comparison.Row row) {
    return row.evaluation() + "  " + row.figure();
  }

  private static String letter(int model) {
    return model < 26 ? String.valueOf((char) ('A' + model)) : "M" + (model + 1);
  }

  private static String text(Measurement.Figure figure) {
    return Double.isFinite(figure.low())
        ? String.format(
            Locale.ROOT, "%.4f (%.4f-%.4f)", figure.value(), figure.low(), figure.high())
        : String.format(Locale.ROOT, "%.4f", figure.value());
  }

  private static String text(Difference difference) {
    String value = String.format(Locale.ROOT, "%+.4f", difference.value());
    return difference
        .interval()
        .map(
            interval ->
                value
                    + String.format(
                        Locale.ROOT,
                        " (%+.4f to %+.4f, p %.4f)",
                        interval.low(),
                        interval.high(),
                        difference.p()))
        .orElse(value);
  }

  /// The page.
  public static String html(Comparison comparison) {
    Map<String, String> models = new LinkedHashMap<>();
    for (int i = 0; i < comparison.names().size(); i++) {
      models.put(letter(i), comparison.names().get(i));
    }
    Html lead = Table.facts(models).line();
    lead.element(
        "p",
        "Differences are of each model less A, on the same resamples, with 95 % intervals; p is two-sided"
            + " and not corrected for the number of rows.",
        "class",
        "faint");
    comparison.notes().forEach(note -> lead.element("p", note, "class", "note").line());
    Map<String, List<Comparison.Row>> evaluations = new LinkedHashMap<>();
    for (Comparison.Row row : comparison.rows()) {
      evaluations.computeIfAbsent(row.evaluation(), _ -> new ArrayList<>()).add(row);
    }
    List<Page.Section> sections = new ArrayList<>();
    evaluations.forEach(
        (name, rows) -> sections.add(new Page.Section(name, section(comparison, rows))));
    return Page.of("Models side by side", lead, sections);
  }

  private static Html section(Comparison comparison, List<Comparison.Row> rows) {
    List<String> columns = new ArrayList<>(List.of("figure"));
    for (int i = 0; i < comparison.names().size(); i++) {
      columns.add(letter(i));
    }
    boolean differ = rows.stream().anyMatch(row -> !row.differences().isEmpty());
    for (int i = 1; i < comparison.names().size() && differ; i++) {
      columns.addAll(List.of(letter(i) + " - A", "p"));
    }
    Table table = new Table(columns);
    List<IntervalChart.Row> chart = new ArrayList<>();
    for (Comparison.Row row : rows) {
      List<Table.Cell> cells = new ArrayList<>(List.of(Table.Cell.of(row.figure())));
      row.values().forEach(value -> cells.add(FigureTables.cell(value)));
      for (int i = 0; i < row.differences().size(); i++) {
        Difference difference = row.differences().get(i);
        double low = difference.interval().map(each -> each.low()).orElse(Double.NaN);
        double high = difference.interval().map(each -> each.high()).orElse(Double.NaN);
        cells.add(Table.Cell.of(difference.value(), low, high));
        cells.add(Table.Cell.of(difference.p()));
        if (Double.isFinite(low)) {
          String name =
              comparison.names().size() > 2
                  ? "%s, %s - A".formatted(row.figure(), letter(i + 1))
                  : row.figure();
          chart.add(new IntervalChart.Row(name, difference.value(), low, high, List.of()));
        }
      }
      table.row(cells);
    }
    Html html = new Html().open("div", "class", "pair").open("div").add(table.html()).close("div");
    if (!chart.isEmpty()) {
      html.open("div").element("h3", "Differences");
      html.add(IntervalChart.of("differences with 95 % intervals", chart)).close("div");
    }
    return html.close("div").line();
  }

  /// For programs; docs/formats.md has the fields.
  public static String json(Comparison comparison) {
    ObjectNode json = new ObjectMapper().createObjectNode();
    ArrayNode models = json.putArray("models");
    comparison.names().forEach(models::add);
    ArrayNode rows = json.putArray("rows");
    for (Comparison.Row row : comparison.rows()) {
      ObjectNode of = rows.addObject();
      of.put("evaluation", row.evaluation()).put("figure", row.figure());
      ArrayNode values = of.putArray("values");
      row.values().forEach(each -> put(values.addObject(), each.value(), each.low(), each.high()));
      ArrayNode differences = of.putArray("differences");
      for (Difference each : row.differences()) {
        ObjectNode to = differences.addObject();
        double low = each.interval().map(interval -> interval.low()).orElse(Double.NaN);
        double high = each.interval().map(interval -> interval.high()).orElse(Double.NaN);
        put(to, each.value(), low, high);
        if (Double.isFinite(each.p())) {
          to.put("p", each.p());
        }
      }
    }
    ArrayNode notes = json.putArray("notes");
    comparison.notes().forEach(notes::add);
    return json.toPrettyString() + "\n";
  }

  private static void put(ObjectNode to, double value, double low, double high) {
    if (Double.isFinite(value)) {
      to.put("value", value);
    } else {
      to.putNull("value");
    }
    if (Double.isFinite(low)) {
      to.put("low", low).put("high", high);
    }
  }
}
