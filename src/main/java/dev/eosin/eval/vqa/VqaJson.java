package dev.eosin.eval.vqa;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/// Scores as JSON; docs/formats.md has the fields.
public final class VqaJson {
  private VqaJson() {}

  /// `scores` and `counts`, and of rules that classify `confusions`.
  public static Map<String, JsonNode> of(VqaScores scores) {
    JsonMapper json = new JsonMapper();
    ArrayNode all = json.createArrayNode();
    scores.scores().forEach(score -> put(all.addObject(), score));
    ArrayNode counts = json.createArrayNode();
    for (Count count : scores.counts()) {
      counts
          .addObject()
          .put("about", count.about().name().toLowerCase(Locale.ROOT))
          .put("text", count.text())
          .put("control", count.control().written())
          .put("count", count.count())
          .put("of", count.of());
    }
    Map<String, JsonNode> parts = new LinkedHashMap<>();
    parts.put("scores", all);
    parts.put("counts", counts);
    if (!scores.confusions().isEmpty()) {
      ArrayNode confusions = json.createArrayNode();
      scores.confusions().forEach(confusion -> put(confusions.addObject(), confusion));
      parts.put("confusions", confusions);
    }
    return parts;
  }

  private static void put(ObjectNode json, Confusion confusion) {
    json.put("scorer", confusion.scorer()).put("control", confusion.control().written());
    ArrayNode labels = json.putArray("labels");
    for (int label = 0; label < confusion.labels().size(); label++) {
      ObjectNode of = labels.addObject().put("label", confusion.labels().get(label));
      of.put("rows", confusion.rows(label)).put("named", confusion.named(label));
      number(of, "precision", confusion.precision(label));
      number(of, "recall", confusion.recall(label));
      number(of, "f1", confusion.f1(label));
      ArrayNode counts = of.putArray("named_as");
      confusion.counts().get(label).forEach(counts::add);
    }
  }

  private static void number(ObjectNode json, String field, double value) {
    if (Double.isFinite(value)) {
      json.put(field, value);
    } else {
      json.putNull(field); // JSON has no number that is not finite
    }
  }

  private static void put(ObjectNode json, Score score) {
    json.put("scorer", score.scorer())
        .put("metric", score.metric())
        .put("by", score.slice().by().name().toLowerCase(Locale.ROOT));
    if (score.slice().by() != Slice.By.ALL) {
      json.put("of", score.slice().value());
    }
    json.put("control", score.control().written());
    number(json, "value", score.value());
    score.interval().ifPresent(it -> json.put("low", it.low()).put("high", it.high()));
    json.put("questions", score.questions())
        .put("rows", score.rows())
        .put("pictures", score.pictures());
  }
}
