package dev.eosin.report;

import dev.eosin.page.CountTable;
import dev.eosin.page.Html;
import dev.eosin.page.LineChart;
import dev.eosin.page.Table;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// How a training went, as charts.
final class TrainingCharts {
  /// Means of neighbouring steps where there are more.
  private static final int MOST = 300;

  private static final List<Map.Entry<String, String>> SHOWN =
      List.of(
          Map.entry("loss", "training loss"),
          Map.entry("lr", "learning rate"),
          Map.entry("grad_norm", "gradient norm"),
          Map.entry("images_per_s", "images a second"));

  private TrainingCharts() {}

  static Html updates(TrainingLog log) {
    Html html = new Html().open("div", "class", "pair");
    for (Map.Entry<String, String> shown : SHOWN) {
      List<Double> values = log.updates().getOrDefault(shown.getKey(), List.of());
      if (!values.isEmpty()) {
        String title = shown.getValue();
        LineChart.Line line = line(title, log.steps(), values);
        html.open("div").element("h3", title);
        html.add(LineChart.of(title + " over steps", "step", title, List.of(line))).close("div");
      }
    }
    return html.close("div").line();
  }

  private static LineChart.Line line(String name, List<Long> steps, List<Double> values) {
    int bins = Math.min(MOST, steps.size());
    double[] x = new double[bins];
    double[] y = new double[bins];
    for (int bin = 0; bin < bins; bin++) {
      int from = (int) ((long) bin * steps.size() / bins);
      int to = (int) ((long) (bin + 1) * steps.size() / bins);
      double sum = 0;
      int count = 0;
      for (int i = from; i < to; i++) {
        if (Double.isFinite(values.get(i))) {
          sum += values.get(i);
          count++;
        }
      }
      x[bin] = steps.get(to - 1);
      y[bin] = count == 0 ? Double.NaN : sum / count;
    }
    return LineChart.Line.of(name, x, y);
  }

  /// A chart for each evaluation's figures that are shares, and one for each other figure.
  static Html evaluations(TrainingLog log) {
    Html html = new Html();
    log.evaluations()
        .forEach(
            (name, measured) -> {
              html.element("h3", name).line().open("div", "class", "pair");
              List<LineChart.Line> shares = new ArrayList<>();
              List<LineChart.Line> others = new ArrayList<>();
              for (String figure : measured.getLast().overall()) {
                LineChart.Line line = line(figure, measured);
                boolean share = Arrays.stream(line.y()).noneMatch(y -> y > 1 || y < 0);
                (share ? shares : others).add(line);
              }
              if (!shares.isEmpty()) {
                html.open("div");
                html.add(LineChart.of(name + " over steps", "step", "share", shares)).close("div");
              }
              for (LineChart.Line line : others) {
                html.open("div");
                html.add(
                    LineChart.of(line.name() + " over steps", "step", line.name(), List.of(line)));
                html.close("div");
              }
              recalls(html, name, measured);
              html.close("div").line();
            });
    return html;
  }

  /// Of single classes their recalls, all in one chart.
  private static void recalls(Html html, String name, List<TrainingLog.Measured> measured) {
    TrainingLog.Measured last = measured.getLast();
    for (String figure : last.byClass()) {
      if (figure.endsWith("recall")) {
        List<LineChart.Line> lines =
            last.labels().stream()
                .map(label -> named(label, line(figure + "." + label, measured)))
                .toList();
        String what = "%s %s of each class over steps".formatted(name, figure);
        html.open("div").add(LineChart.of(what, "step", figure, lines)).close("div");
      }
    }
  }

  private static LineChart.Line named(String label, LineChart.Line line) {
    return new LineChart.Line(label, line.x(), line.y(), line.low(), line.high());
  }

  private static LineChart.Line line(String figure, List<TrainingLog.Measured> measured) {
    List<Measurement.Figure> values =
        measured.stream()
            .map(
                each ->
                    each.figures()
                        .getOrDefault(
                            figure, new Measurement.Figure(Double.NaN, Double.NaN, Double.NaN)))
            .toList();
    return new LineChart.Line(
        figure,
        measured.stream().mapToDouble(TrainingLog.Measured::step).toArray(),
        values.stream().mapToDouble(Measurement.Figure::value).toArray(),
        values.stream().mapToDouble(Measurement.Figure::low).toArray(),
        values.stream().mapToDouble(Measurement.Figure::high).toArray());
  }

  /// The newest of each evaluation: figures of all classes, then those of each.
  static Html newest(TrainingLog log) {
    Table table = new Table(List.of("evaluation", "step", "figure", "value (95 %)"));
    Html classes = new Html();
    log.evaluations()
        .forEach(
            (name, measured) -> {
              TrainingLog.Measured last = measured.getLast();
              for (String figure : last.overall()) {
                table.row(
                    List.of(
                        Table.Cell.of(name),
                        Table.Cell.of(last.step()),
                        Table.Cell.of(figure),
                        FigureTables.cell(Objects.requireNonNull(last.figures().get(figure)))));
              }
              if (!last.labels().isEmpty()) {
                classes.add(classes(name, last));
              }
            });
    return table.html().add(classes);
  }

  private static Html classes(String name, TrainingLog.Measured last) {
    List<String> columns = new ArrayList<>(List.of("class"));
    columns.addAll(last.byClass());
    Table table = new Table(columns);
    for (String label : last.labels()) {
      List<Table.Cell> cells = new ArrayList<>(List.of(Table.Cell.of(label)));
      for (String figure : last.byClass()) {
        Measurement.Figure of = last.figures().get(figure + "." + label);
        cells.add(Table.Cell.of(of == null ? Double.NaN : of.value()));
      }
      table.row(cells);
    }
    long[][] counts =
        last.counts().stream()
            .map(row -> row.stream().mapToLong(Long::longValue).toArray())
            .toArray(long[][]::new);
    Html html = Html.of("h3", name + " by class").add(table.html()).line();
    html.element("h3", "%s: confusion matrix at step %d".formatted(name, last.step()));
    return html.add(CountTable.of(last.labels(), counts)).line();
  }
}
