package dev.eosin.mining;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/// What became of the choices of all rules, over slides.
final class MiningCounts {
  private final SequencedMap<String, TileMiner.Count> rules = new LinkedHashMap<>();

  static void put(TileMiner.Count count, ObjectNode json) {
    json.put("rule", count.rule()).put("target", count.target()).put("kept", count.kept());
    json.put("twice", count.twice()).put("similar", count.similar());
    json.put("too_few", count.tooFew());
  }

  /// Adds what a slide's result tells.
  void add(JsonNode counts) {
    for (JsonNode one : counts) {
      rules.merge(one.path("rule").asText(), read(one), MiningCounts::sum);
    }
  }

  private static TileMiner.Count read(JsonNode one) {
    return new TileMiner.Count(
        one.path("rule").asText(),
        one.path("target").asInt(),
        one.path("kept").asInt(),
        one.path("twice").asInt(),
        one.path("similar").asInt(),
        one.path("too_few").asInt());
  }

  private static TileMiner.Count sum(TileMiner.Count one, TileMiner.Count other) {
    return new TileMiner.Count(
        one.rule(),
        Math.addExact(one.target(), other.target()),
        one.kept() + other.kept(),
        one.twice() + other.twice(),
        one.similar() + other.similar(),
        Math.addExact(one.tooFew(), other.tooFew()));
  }

  /// By rule.
  void writeTo(ObjectNode json) {
    for (Map.Entry<String, TileMiner.Count> rule : rules.entrySet()) {
      ObjectNode one = json.putObject(rule.getKey());
      put(rule.getValue(), one);
      one.remove("rule");
    }
  }
}
