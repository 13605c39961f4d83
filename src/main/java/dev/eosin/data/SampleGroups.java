package dev.eosin.data;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// The groups of a source's samples as numbers, four bytes a sample. A sample without a group is a
/// group of its own.
public final class SampleGroups {
  private final int[] ids;
  private final int count;

  private SampleGroups(int[] ids, int count) {
    this.ids = ids;
    this.count = count;
  }

  /// Looks at every sample.
  ///
  /// @throws ArithmeticException for a source beyond 2^31 - 1 samples
  public static SampleGroups of(Source source) {
    int[] ids = new int[Math.toIntExact(source.size())];
    Map<String, Integer> known = new HashMap<>();
    int count = 0;
    for (int sample = 0; sample < ids.length; sample++) {
      Optional<String> group = source.get(sample).group();
      Integer before = group.isEmpty() ? null : known.putIfAbsent(group.get(), count);
      ids[sample] = before == null ? count++ : before;
    }
    return new SampleGroups(ids, count);
  }

  /// The group of a sample, in [0, count).
  public int of(long sample) {
    return ids[Math.toIntExact(sample)];
  }

  public int count() {
    return count;
  }
}
