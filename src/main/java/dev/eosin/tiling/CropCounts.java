package dev.eosin.tiling;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.SortedMap;
import java.util.TreeMap;

/// What became of records.
///
/// @param dropped how many, by reason
record CropCounts(long kept, SortedMap<String, Long> dropped) {
  /// Of none.
  static CropCounts none() {
    SortedMap<String, Long> dropped = new TreeMap<>();
    CropReasons.CROPS.forEach(reason -> dropped.put(reason, 0L));
    return new CropCounts(0, dropped);
  }

  /// As a slide's result tells it.
  static CropCounts of(JsonNode result) {
    SortedMap<String, Long> dropped = none().dropped();
    long kept = 0;
    for (JsonNode shard : result.path(PathGenCrops.SHARDS)) {
      kept += shard.path("kept").size();
      for (JsonNode crop : shard.path("dropped")) {
        dropped.merge(crop.path(3).asText(), 1L, Long::sum);
      }
    }
    dropped.merge(
        CropReasons.REPEATED, (long) result.path(PathGenCrops.REPEATED).size(), Long::sum);
    return new CropCounts(kept, dropped);
  }

  CropCounts plus(CropCounts more) {
    SortedMap<String, Long> sum = new TreeMap<>(dropped);
    more.dropped().forEach((reason, count) -> sum.merge(reason, count, Long::sum));
    return new CropCounts(kept + more.kept(), sum);
  }

  long all() {
    return kept + dropped.values().stream().mapToLong(Long::longValue).sum();
  }

  void put(ObjectNode json) {
    json.put("kept", kept);
    CropReasons.CROPS.forEach(reason -> json.put(reason, dropped.get(reason)));
  }

  @Override
  public String toString() {
    return "%d are kept; dropped: %s".formatted(kept, dropped);
  }
}
