package dev.eosin.report;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.eval.probes.LabelScores;
import dev.eosin.eval.samples.RocCurve;
import dev.eosin.eval.samples.Sample;
import dev.eosin.eval.samples.SampleResults;
import dev.eosin.page.CountTable;
import dev.eosin.page.Html;
import dev.eosin.page.LineChart;
import dev.eosin.page.Table;
import dev.eosin.page.Tiles;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/// What an evaluation of classes found: what was taken for what, curves, examples.
final class ClassSections {
  private static final int EXAMPLES = 8;
  private static final int POINTS = 200;

  /// Classes whose matrix has room beside a table.
  private static final int BESIDE = 4;

  private ClassSections() {}

  /// What was taken for what, and the figures of each class.
  ///
  /// @param classes as `details` has them
  static Html confusion(JsonNode classes) {
    List<String> labels = new ArrayList<>();
    long[][] counts = new long[classes.size()][classes.size()];
    Table table = new Table(List.of("class", "rows", "recall", "precision", "f1", "auc"));
    for (int of = 0; of < classes.size(); of++) {
      JsonNode row = classes.path(of);
      labels.add(row.path("label").asText());
      for (int said = 0; said < classes.size(); said++) {
        counts[of][said] = row.path("predicted_as").path(said).asLong();
      }
      table.row(
          List.of(
              Table.Cell.of(row.path("label").asText()),
              Table.Cell.of(row.path("rows").asLong()),
              Table.Cell.of(Measurement.number(row.path("recall"))),
              Table.Cell.of(Measurement.number(row.path("precision"))),
              Table.Cell.of(Measurement.number(row.path("f1"))),
              Table.Cell.of(Measurement.number(row.path("auc")))));
    }
    // A matrix of many classes needs the page's whole width.
    Html html = new Html().open("div", "class", classes.size() > BESIDE ? "below" : "pair");
    html.open("div")
        .element("h3", "Confusion matrix")
        .add(CountTable.of(labels, counts))
        .close("div");
    html.open("div").element("h3", "By class").add(table.html()).close("div");
    return html.close("div").line();
  }

  /// The ROC curve of each class against the rest; of several runs, those of the first.
  static Html curves(SampleResults.Labelled results) {
    List<LineChart.Line> lines = new ArrayList<>();
    for (int label = 0; label < results.labels().size(); label++) {
      RocCurve curve = curve(results, label);
      if (curve.falsePositives().length > 0) {
        RocCurve drawn = curve.thinned(POINTS);
        String name =
            String.format(Locale.ROOT, "%s (AUC %.4f)", results.labels().get(label), curve.area());
        lines.add(LineChart.Line.of(name, drawn.falsePositives(), drawn.truePositives()));
      }
    }
    if (lines.isEmpty()) {
      return new Html();
    }
    String title = results.runs().size() > 1 ? "ROC curves (first run)" : "ROC curves";
    Html html = Html.of("h3", title).line();
    return html.add(
        LineChart.ofShares(
            "ROC curve of each class against the rest",
            "false positives",
            "true positives",
            lines));
  }

  static RocCurve curve(SampleResults.Labelled results, int label) {
    double[][] scores = results.runs().getFirst();
    double[] own = IntStream.range(0, scores.length).mapToDouble(i -> scores[i][label]).toArray();
    boolean[] positive = new boolean[own.length];
    for (int i = 0; i < own.length; i++) {
      positive[i] = results.truth()[i] == label;
    }
    return RocCurve.of(own, positive);
  }

  /// Samples that were told wrongly, the surest first, and such as were told rightly, the surest of
  /// each class by turns.
  static Html examples(SampleResults.Labelled results, Pictures pictures) {
    double[][] scores = results.runs().getFirst();
    List<Integer> wrong = new ArrayList<>();
    List<List<Integer>> right = new ArrayList<>();
    results.labels().forEach(label -> right.add(new ArrayList<>()));
    for (int row = 0; row < scores.length; row++) {
      int said = LabelScores.largest(scores[row]);
      (said == results.truth()[row] ? right.get(said) : wrong).add(row);
    }
    Comparator<Integer> surest =
        Comparator.comparingDouble((Integer row) -> scores[row][LabelScores.largest(scores[row])])
            .reversed();
    wrong.sort(surest);
    right.forEach(each -> each.sort(surest));
    Html html = new Html();
    String first = "Told wrongly, the surest first (%s)".formatted(shown(wrong.size()));
    sheet(html, first, wrong, results, pictures);
    String other =
        "Told rightly, the surest of each class (%s)"
            .formatted(shown(scores.length - wrong.size()));
    sheet(html, other, byTurns(right), results, pictures);
    return html;
  }

  private static String shown(int count) {
    return "%d of %d".formatted(Math.min(EXAMPLES, count), count);
  }

  private static List<Integer> byTurns(List<List<Integer>> classes) {
    List<Integer> turns = new ArrayList<>();
    for (int place = 0; turns.size() < EXAMPLES; place++) {
      int before = turns.size();
      for (List<Integer> each : classes) {
        if (place < each.size()) {
          turns.add(each.get(place));
        }
      }
      if (turns.size() == before) {
        break;
      }
    }
    return turns;
  }

  private static void sheet(
      Html html,
      String title,
      List<Integer> rows,
      SampleResults.Labelled results,
      Pictures pictures) {
    html.element("h3", title).line();
    html.add(
        Tiles.of(rows.stream().limit(EXAMPLES).map(row -> tile(row, results, pictures)).toList()));
  }

  private static Tiles.Tile tile(int row, SampleResults.Labelled results, Pictures pictures) {
    double[] scores = results.runs().getFirst()[row];
    Sample sample = results.samples().get(row);
    int said = LabelScores.largest(scores);
    String of = results.labels().get(results.truth()[row]);
    String taken = results.labels().get(said);
    boolean right = said == results.truth()[row];
    String verdict = String.format(Locale.ROOT, "said %s (%.3f)", taken, scores[said]);
    return new Tiles.Tile(
        pictures.of(sample.id()),
        "%s, a sample of %s, taken for %s".formatted(sample.id(), of, taken),
        right ? List.of(verdict, sample.id()) : List.of("is " + of, verdict, sample.id()),
        right ? Tiles.Frame.RIGHT : Tiles.Frame.WRONG);
  }
}
