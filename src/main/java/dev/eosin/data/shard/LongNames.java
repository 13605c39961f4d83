package dev.eosin.data.shard;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The names of few samples.
///
/// @param samples that have one here, ascending
/// @param names theirs
record LongNames(int[] samples, List<String> names) {
  LongNames {
    names = List.copyOf(names);
  }

  Optional<String> of(int sample) {
    int at = Arrays.binarySearch(samples, sample);
    return at < 0 ? Optional.empty() : Optional.of(names.get(at));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LongNames(int[] otherSamples, List<String> otherNames)
        && Arrays.equals(samples, otherSamples)
        && names.equals(otherNames);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(samples) + names.hashCode();
  }
}
