package dev.eosin.report;

import dev.eosin.page.Html;
import dev.eosin.page.IntervalChart;
import dev.eosin.page.Table;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// Figures with their intervals: of one evaluation, and of models side by side.
final class FigureTables {
  /// Figures that a summary shows, as far as an evaluation has them.
  private static final List<String> MAIN =
      List.of(
          "accuracy",
          "balanced_accuracy",
          "f1_weighted",
          "f1_macro",
          "auc_macro",
          "kappa",
          "kappa_quadratic",
          "c_index",
          "robustness_index",
          "zero_shot_top1",
          "image_to_text_recall_at_1",
          "text_to_image_recall_at_1");

  private static final int FEW = 4;

  private FigureTables() {}

  static Table.Cell cell(Measurement.Figure figure) {
    return Table.Cell.of(figure.value(), figure.low(), figure.high());
  }

  /// The figures that matter most of an evaluation: the well-known ones, or its first.
  static List<String> main(Measurement of) {
    List<String> main = MAIN.stream().filter(of.figures()::containsKey).toList();
    return main.isEmpty() ? of.figures().keySet().stream().limit(FEW).toList() : main;
  }

  /// Tasks by models, one table for each of the figures that matter most.
  static Html sideBySide(List<Measurement> all) {
    Set<String> models = new LinkedHashSet<>();
    Map<String, Map<String, Measurement>> tasks = new LinkedHashMap<>();
    for (Measurement each : all) {
      models.add(each.model());
      tasks.computeIfAbsent(each.task(), _ -> new LinkedHashMap<>()).put(each.model(), each);
    }
    Set<String> figures = new LinkedHashSet<>();
    all.forEach(each -> figures.addAll(main(each)));
    Html html = new Html().open("div", "class", "pair");
    for (String figure : figures) {
      List<String> columns = new ArrayList<>(List.of("task"));
      columns.addAll(models);
      if (models.contains(Measurement.DIFFERENCE)) {
        columns.add("p");
      }
      Table table = new Table(columns);
      tasks.forEach((task, of) -> row(table, task, of, models, figure));
      html.open("div").element("h3", figure).add(table.html()).close("div").line();
    }
    return html.close("div").line();
  }

  private static void row(
      Table table, String task, Map<String, Measurement> of, Set<String> models, String figure) {
    if (of.values().stream().noneMatch(each -> each.figures().containsKey(figure))) {
      return;
    }
    List<Table.Cell> cells = new ArrayList<>(List.of(Table.Cell.of(task)));
    for (String model : models) {
      Measurement measured = of.get(model);
      Measurement.Figure value = measured == null ? null : measured.figures().get(figure);
      cells.add(value == null ? new Table.Cell("", "", true) : cell(value));
    }
    Measurement difference = of.get(Measurement.DIFFERENCE);
    if (models.contains(Measurement.DIFFERENCE)) {
      Measurement.Figure p = difference == null ? null : difference.figures().get(figure + "_p");
      cells.add(p == null ? new Table.Cell("", "", true) : Table.Cell.of(p.value()));
    }
    table.row(cells);
  }

  /// Every figure of an evaluation, as a table and, where it has intervals, a chart.
  static Html all(Measurement of) {
    Table table = new Table(List.of("figure", "value (95 %)"));
    of.figures().forEach((name, figure) -> table.row(List.of(Table.Cell.of(name), cell(figure))));
    List<IntervalChart.Row> rows = new ArrayList<>();
    for (String name : main(of)) {
      Measurement.Figure figure = Objects.requireNonNull(of.figures().get(name));
      if (Double.isFinite(figure.low())) {
        rows.add(
            new IntervalChart.Row(name, figure.value(), figure.low(), figure.high(), List.of()));
      }
    }
    Html html = new Html().open("div", "class", "pair").open("div").add(table.html()).close("div");
    if (!rows.isEmpty()) {
      html.open("div").add(IntervalChart.of(of.name() + ": figures with 95 % intervals", rows));
      html.close("div");
    }
    return html.close("div").line();
  }
}
