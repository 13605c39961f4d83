package dev.eosin.instruct;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What became of the slides' tiles.
final class SlideCounts {
  private final SlideDraw draw;
  private final Map<String, Long> training = new TreeMap<>();
  private final Map<String, Long> heldOut = new TreeMap<>();

  SlideCounts(SlideDraw draw) {
    this.draw = draw;
  }

  void add(boolean trains, String label) {
    (trains ? training : heldOut).merge(label, 1L, Long::sum);
  }

  ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("questions", sum(training)).put("held-out", sum(heldOut));
    draw.slides().forEach(json.putArray("slides")::add);
    ObjectNode classes = json.putObject("classes");
    List<String> labels = draw.tiles().stream().map(SlideTile::label).distinct().sorted().toList();
    for (String label : labels) {
      classes
          .putObject(label)
          .put("questions", training.getOrDefault(label, 0L))
          .put("held-out", heldOut.getOrDefault(label, 0L));
    }
    return json;
  }

  private static long sum(Map<String, Long> counts) {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }
}
