package dev.eosin.eval.probes;

import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Draws rows with replacement, those of one group together: how often each occurs.
public final class Resamples {
  private final RandomKey key;
  private final int rows;
  private final List<List<Integer>> units = new ArrayList<>();

  /// @param groups of the rows `[n]`; a row without one is drawn alone
  public Resamples(RandomKey key, List<Optional<String>> groups) {
    this.key = key;
    this.rows = groups.size();
    Map<String, List<Integer>> byGroup = new LinkedHashMap<>();
    for (int row = 0; row < rows; row++) {
      Optional<String> group = groups.get(row);
      if (group.isPresent()) {
        byGroup.computeIfAbsent(group.get(), name -> new ArrayList<>()).add(row);
      } else {
        units.add(List.of(row));
      }
    }
    units.addAll(byGroup.values());
  }

  /// How many units are drawn: groups, and rows without one.
  public int units() {
    return units.size();
  }

  /// How often each row occurs `[n]`.
  public int[] times(int resample) {
    RandomStream random = key.stream(RandomKey.Purpose.BOOTSTRAP, 0, resample);
    int[] times = new int[rows];
    for (int i = 0; i < units.size(); i++) {
      units.get(random.nextInt(units.size())).forEach(row -> times[row]++);
    }
    return times;
  }
}
