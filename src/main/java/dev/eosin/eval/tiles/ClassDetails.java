package dev.eosin.eval.tiles;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.eval.ConfusionMatrix;
import dev.eosin.eval.probes.LabelScores;
import dev.eosin.eval.probes.Spread;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/// What results say besides figures.
public final class ClassDetails {
  private static final int TOP = 3;

  private ClassDetails() {}

  /// Of each class, and what was taken for what.
  public static void put(ObjectNode details, LabelScores scores, List<String> labels) {
    ConfusionMatrix confusion = scores.confusion();
    List<OptionalDouble> areas = scores.area().areas();
    details.put("figures", LabelScores.VERSION);
    ObjectNode more = details.putObject("more");
    put(more, "precision_macro", confusion.precisionMacro());
    put(more, "recall_macro", confusion.recallMacro());
    put(more, "kappa_linear", confusion.kappa(ConfusionMatrix.Disagreement.LINEAR));
    put(more, "auc_weighted", scores.area().weightedMean(confusion).orElse(Double.NaN));
    if (labels.size() > TOP) {
      put(more, "top_" + TOP, scores.top(TOP));
    }
    ArrayNode classes = details.putArray("classes");
    for (int label = 0; label < labels.size(); label++) {
      ObjectNode of = classes.addObject().put("label", labels.get(label));
      of.put("rows", confusion.rows(label));
      of.put("recall", confusion.recall(label)).put("precision", confusion.precision(label));
      of.put("f1", confusion.f1(label));
      put(of, "auc", areas.get(label).orElse(Double.NaN));
      ArrayNode taken = of.putArray("predicted_as");
      for (int predicted = 0; predicted < labels.size(); predicted++) {
        taken.add(confusion.count(label, predicted));
      }
    }
  }

  /// What a reader has to know of the figures.
  public static List<String> notes(String title, LabelScores scores, List<String> labels) {
    List<String> without = new ArrayList<>();
    List<OptionalDouble> areas = scores.area().areas();
    for (int label = 0; label < labels.size(); label++) {
      if (areas.get(label).isEmpty()) {
        without.add(labels.get(label));
      }
    }
    return without.isEmpty()
        ? List.of()
        : List.of(
            "%s: auc_macro is not defined, since the tiles that judge are all or none of %s"
                .formatted(title, String.join(", ", without)));
  }

  public static void put(ObjectNode details, Map<String, Spread> spreads) {
    ObjectNode of = details.putObject("spread");
    spreads.forEach((name, spread) -> put(of.putObject(name), spread));
  }

  public static void put(ObjectNode of, Spread spread) {
    put(of, "mean", spread.mean());
    put(of, "sd", spread.deviation());
    put(of, "min", spread.min());
    put(of, "max", spread.max());
  }

  /// JSON has no number that is not finite.
  public static void put(ObjectNode of, String name, double value) {
    if (Double.isFinite(value)) {
      of.put(name, value);
    } else {
      of.putNull(name);
    }
  }

  public static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }
}
