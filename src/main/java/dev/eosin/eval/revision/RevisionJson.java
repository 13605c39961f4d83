package dev.eosin.eval.revision;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/// Scores of revisions as JSON; docs/formats.md has the fields.
public final class RevisionJson {
  private RevisionJson() {}

  /// `scores`.
  public static Map<String, JsonNode> of(RevisionScores scores) {
    ArrayNode all = JsonNodeFactory.instance.arrayNode();
    for (RevisionScore score : scores.scores()) {
      ObjectNode json = all.addObject();
      json.put("metric", score.metric()).put("of", score.of());
      json.put("operation", score.operation()).put("value", score.value());
      score.interval().ifPresent(it -> json.put("low", it.low()).put("high", it.high()));
      json.put("rows", score.rows()).put("images", score.images());
    }
    return Map.of("scores", all);
  }
}
