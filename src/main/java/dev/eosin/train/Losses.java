package dev.eosin.train;

import dev.eosin.group.Group;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// The losses of one batch.
///
/// @param total that is differentiated
/// @param parts that it is made of, where there are several, by their keys in `log.jsonl`
public record Losses(double total, Map<String, Double> parts) {
  public Losses {
    parts = Collections.unmodifiableMap(new LinkedHashMap<>(parts));
  }

  /// One loss alone.
  public Losses(double total) {
    this(total, Map.of());
  }

  /// The sums over all ranks, each of whose losses are shares of the whole.
  Losses sum(Group group) {
    Map<String, Double> sums = new LinkedHashMap<>();
    double all = group.sum(total);
    parts.forEach((name, value) -> sums.put(name, group.sum(value)));
    return new Losses(all, sums);
  }
}
