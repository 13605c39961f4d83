package dev.eosin.prepare;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SortedMap;

/// Where the rows are left.
///
/// @param rows that went in
/// @param rejected how many for each reason, in the preparation's order, zeros included
/// @param kept how many came out
/// @param open how many have no outcome yet
public record Funnel(long rows, SequencedMap<String, Long> rejected, long kept, long open) {
  /// @throws IllegalArgumentException when the numbers do not add up
  public Funnel {
    rejected = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(rejected));
    long left = rows - sum(rejected) - kept - open;
    if (left != 0) {
      throw new IllegalArgumentException("%d of %d rows are unaccounted for".formatted(left, rows));
    }
  }

  /// @param reasons in their order
  /// @param counted by reason, sorted
  static Funnel of(long rows, List<String> reasons, SortedMap<String, Long> counted, long kept) {
    SequencedMap<String, Long> rejected = new LinkedHashMap<>();
    reasons.forEach(reason -> rejected.put(reason, counted.getOrDefault(reason, 0L)));
    rejected.putAll(counted); // also those of an earlier version
    return new Funnel(rows, rejected, kept, rows - sum(rejected) - kept);
  }

  /// How many were left out.
  public long allRejected() {
    return sum(rejected);
  }

  /// Why nothing is left, where nothing is: the reason that left out the most rows, the first of
  /// equals.
  public Optional<String> whyEmpty() {
    if (kept > 0 || open > 0) {
      return Optional.empty();
    }
    Map.Entry<String, Long> most =
        rejected.entrySet().stream()
            .reduce((a, b) -> b.getValue() > a.getValue() ? b : a)
            .orElseThrow();
    return Optional.of(
        "no row is left: %d of %d were left out for the reason %s; %s says why for each row"
            .formatted(most.getValue(), rows, most.getKey(), Outputs.REJECTS));
  }

  private static long sum(Map<String, Long> counts) {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  ObjectNode json() {
    ObjectNode json = Json.object().put("rows", rows);
    ArrayNode steps = json.putArray("funnel");
    long left = rows;
    for (Map.Entry<String, Long> step : rejected.entrySet()) {
      left -= step.getValue();
      steps
          .addObject()
          .put("reason", step.getKey())
          .put("rejected", step.getValue())
          .put("left", left);
    }
    return json.put("kept", kept).put("rejected", allRejected()).put("open", open);
  }

  /// @throws IllegalArgumentException when it is no funnel
  static Funnel of(JsonNode json) {
    SequencedMap<String, Long> rejected = new LinkedHashMap<>();
    for (JsonNode step : json.path("funnel")) {
      rejected.put(step.path("reason").asText(), step.path("rejected").asLong());
    }
    return new Funnel(
        json.path("rows").asLong(-1),
        rejected,
        json.path("kept").asLong(),
        json.path("open").asLong());
  }
}
