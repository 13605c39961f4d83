package dev.eosin.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.eval.maps.EmbeddingMap;
import dev.eosin.eval.samples.RocCurve;
import dev.eosin.eval.samples.SampleResults;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.FileContent;
import java.nio.file.Path;
import java.util.Map;

/// The files of a report: `report.html`, `report.json` with all that its page draws, `report.csv`,
/// and `eval_results.yaml` for the Hub. docs/formats.md has their fields.
public final class ReportFiles {
  /// The page's name in a folder.
  public static final String PAGE = "report.html";

  private static final ObjectMapper JSON = new ObjectMapper();

  private ReportFiles() {}

  /// Writes all of them.
  ///
  /// @throws DataException when a file cannot be written
  public static void write(Path folder, Findings findings) throws DataException {
    text(folder.resolve(PAGE), EvaluationPage.of(findings));
    text(folder.resolve("report.json"), json(findings).toPrettyString() + "\n");
    text(folder.resolve("report.csv"), table(findings));
    text(folder.resolve("eval_results.yaml"), HubResults.of(findings));
  }

  private static void text(Path file, String content) throws DataException {
    AtomicFile.write(file, FileContent.text(content));
  }

  /// `evaluation.json` with the recipe, the curves and the map.
  static ObjectNode json(Findings findings) {
    ObjectNode json = JSON.createObjectNode();
    json.setAll(findings.results().deepCopy());
    json.put("recipe", findings.recipe());
    ArrayNode notes = json.putArray("notes");
    findings.notes().forEach(notes::add);
    ObjectNode curves = json.putObject("roc");
    for (Map.Entry<String, SampleResults> each : findings.samples().entrySet()) {
      if (each.getValue() instanceof SampleResults.Labelled labelled) {
        curves(curves.putArray(each.getKey()), labelled);
      }
    }
    ArrayNode maps = json.putArray("maps");
    findings.maps().forEach(map -> map(maps.addObject(), map));
    return json;
  }

  private static void curves(ArrayNode to, SampleResults.Labelled labelled) {
    for (int label = 0; label < labelled.labels().size(); label++) {
      RocCurve curve = ClassSections.curve(labelled, label);
      ObjectNode of = to.addObject().put("label", labelled.labels().get(label));
      if (curve.falsePositives().length == 0) {
        of.putNull("area");
      } else {
        of.put("area", curve.area());
      }
      numbers(of.putArray("false_positives"), curve.falsePositives());
      numbers(of.putArray("true_positives"), curve.truePositives());
    }
  }

  private static void map(ObjectNode to, EmbeddingMap map) {
    to.put("model", map.model()).put("of", map.of());
    numbers(to.putArray("variance_shares"), map.shares());
    map.perplexity().ifPresent(perplexity -> to.put("perplexity", perplexity));
    ArrayNode points = to.putArray("points");
    for (EmbeddingMap.Point point : map.points()) {
      ObjectNode of = points.addObject().put("id", point.id());
      of.put("label", map.labels().get(point.label()));
      numbers(of.putArray("pca"), point.component());
      numbers(of.putArray("tsne"), point.neighbour());
    }
  }

  private static void numbers(ArrayNode to, double[] values) {
    for (double value : values) {
      to.add(value);
    }
  }

  /// A line for each figure, of each model.
  static String table(Findings findings) {
    StringBuilder table = new StringBuilder("model,task,figure,value,low,high\n");
    for (Measurement each : Measurement.of(findings.results().path("evaluations"))) {
      each.figures()
          .forEach(
              (name, figure) ->
                  table
                      .append(quoted(each.model()))
                      .append(',')
                      .append(quoted(each.task()))
                      .append(',')
                      .append(quoted(name))
                      .append(',')
                      .append(number(figure.value()))
                      .append(',')
                      .append(number(figure.low()))
                      .append(',')
                      .append(number(figure.high()))
                      .append('\n'));
    }
    return table.toString();
  }

  private static String number(double value) {
    return Double.isFinite(value) ? Double.toString(value) : "";
  }

  private static String quoted(String text) {
    return text.matches("[^\",\\n\\r]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
  }
}
