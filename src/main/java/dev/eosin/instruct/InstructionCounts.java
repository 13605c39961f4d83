package dev.eosin.instruct;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// What came of each way. Answers yes and no are only counted: what a model generates may lean to
/// one of them.
final class InstructionCounts {
  private final Map<Way, Integer> captions;
  private final Optional<Map<Way, Integer>> quotas;
  private final Map<Way, Map<String, Long>> kept = new EnumMap<>(Way.class);
  private final Map<Way, Map<String, Long>> leftOut = new EnumMap<>(Way.class);
  private final Set<String> images = new HashSet<>();

  /// @param captions that each way drew
  InstructionCounts(Map<Way, Integer> captions, Optional<Map<Way, Integer>> quotas) {
    this.captions = captions;
    this.quotas = quotas;
    for (Way way : captions.keySet()) {
      kept.put(way, new LinkedHashMap<>(Map.of("yes", 0L, "no", 0L, "other", 0L)));
      Map<String, Long> reasons = new LinkedHashMap<>();
      PairRules.REASONS.forEach(reason -> reasons.put(reason, 0L));
      leftOut.put(way, reasons);
    }
  }

  void add(Instruction one) {
    String first = one.answer().strip().toLowerCase(Locale.ROOT).split("[^\\p{L}]", 2)[0];
    String side = first.equals("yes") || first.equals("no") ? first : "other";
    of(kept, one.way()).merge(side, 1L, Long::sum);
  }

  void add(LeftOut one) {
    of(leftOut, one.way()).merge(one.reason(), 1L, Long::sum);
  }

  private static Map<String, Long> of(Map<Way, Map<String, Long>> counts, Way way) {
    return Objects.requireNonNull(counts.get(way));
  }

  void addImage(String image) {
    images.add(image);
  }

  /// Questions of a way.
  long of(Way way) {
    return of(kept, way).values().stream().mapToLong(Long::longValue).sum();
  }

  ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("questions", captions.keySet().stream().mapToLong(this::of).sum());
    json.put("images", images.size());
    for (Way way : captions.keySet()) {
      ObjectNode one = json.putObject(way.word()).put("captions", captions.get(way));
      quotas.ifPresent(wanted -> one.put("wanted", wanted.get(way)));
      one.put("questions", of(way));
      Map<String, Long> sides = of(kept, way);
      one.put("yes", sides.get("yes")).put("no", sides.get("no"));
      ObjectNode reasons = one.putObject("rejected");
      of(leftOut, way).forEach((reason, count) -> reasons.put(reason, (long) count));
    }
    return json;
  }
}
