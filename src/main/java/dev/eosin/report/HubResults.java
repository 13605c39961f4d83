package dev.eosin.report;

import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Locale;
import java.util.Objects;

/// The main figures of the model as Hugging Face's Hub reads them from a file in a model's folder
/// `.eval_results`: a list of `dataset` (`id`, `task_id`), `value` and `notes`. There is no date,
/// for which the Hub takes that of the commit, so that a second run gives the same bytes.
final class HubResults {
  private static final String HEAD =
      """
      # For the folder .eval_results of a model on the Hub. It shows results of data sets that are registered as
      # benchmarks: put in the id of the data set and the task_id of its eval.yaml before you upload this.
      """;

  private HubResults() {}

  static String of(Findings findings) {
    StringBuilder yaml = new StringBuilder(HEAD);
    String version = findings.results().path("eosin").asText();
    String tiles = findings.results().at("/inputs/tiles.sha256").asText();
    boolean none = true;
    for (Measurement each : Measurement.of(findings.results().path("evaluations"))) {
      if (!each.model().equals(Measurement.MODEL)) {
        continue;
      }
      for (String name : FigureTables.main(each)) {
        Measurement.Figure figure = Objects.requireNonNull(each.figures().get(name));
        if (Double.isFinite(figure.value())) {
          none = false;
          yaml.append("- dataset:\n    id: ").append(quoted(findings.title())).append('\n');
          yaml.append("    task_id: ").append(quoted(each.task())).append('\n');
          yaml.append("  value: ").append(figure.value()).append('\n');
          yaml.append("  notes: ").append(quoted(notes(name, figure, version, tiles))).append('\n');
        }
      }
    }
    return none ? yaml.append("[]\n").toString() : yaml.toString();
  }

  private static String notes(
      String name, Measurement.Figure figure, String version, String tiles) {
    String interval =
        Double.isFinite(figure.low())
            ? String.format(Locale.ROOT, ", 95 %% %.4f to %.4f", figure.low(), figure.high())
            : "";
    String of = tiles.isEmpty() ? "" : ", tiles " + tiles;
    return "%s%s; Eosin %s%s".formatted(name, interval, version, of);
  }

  /// A text of JSON is one of YAML.
  private static String quoted(String text) {
    return TextNode.valueOf(text).toString();
  }
}
