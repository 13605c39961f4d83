package dev.eosin.data.opened;

import dev.eosin.config.DataException;
import dev.eosin.data.Names;
import dev.eosin.data.Source;
import dev.eosin.data.settings.LeakSettings;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Finds validation samples that are training samples: the same file, the same member of a shard,
/// the same row. Nothing is read for it, so it is always done.
///
/// @param shared how many validation samples are also in the training data
/// @param validationSize samples of the validation side
/// @param first keys of the first few
public record SampleLeaks(long shared, long validationSize, List<String> first) {
  private static final int SHOWN = 5;

  public SampleLeaks {
    first = List.copyOf(first);
  }

  /// Compares where samples lie; memory holds 16 bytes for each one of the validation side.
  public static SampleLeaks of(Source train, Source validation) {
    int size = Math.toIntExact(validation.size());
    long[] places = new long[size];
    Arrays.setAll(places, validation::place);
    long[] sorted = places.clone();
    Arrays.sort(sorted);
    BitSet found = new BitSet(size);
    for (long index = 0; index < train.size(); index++) {
      int at = Arrays.binarySearch(sorted, train.place(index));
      if (at >= 0) {
        found.set(at);
      }
    }
    long shared = 0;
    Set<String> first = new LinkedHashSet<>();
    for (int index = 0; index < size && !found.isEmpty(); index++) {
      // Equal places find the same one of their run.
      if (found.get(Arrays.binarySearch(sorted, places[index]))) {
        shared++;
        if (first.size() < SHOWN) {
          first.add(validation.get(index).key());
        }
      }
    }
    return new SampleLeaks(shared, size, List.copyOf(first));
  }

  /// What was found, in one line; empty without leaks.
  public Optional<String> summary() {
    return shared == 0
        ? Optional.empty()
        : Optional.of(
            "data.validation: %d of its %d samples are training samples, too (the same file or row), for example %s"
                .formatted(shared, validationSize, Names.of(first)));
  }

  /// Refuses more than the settings allow.
  ///
  /// @return the summary of those that are allowed
  /// @throws DataException naming some
  Optional<String> verdict(LeakSettings settings) throws DataException {
    if (shared > settings.allow().value() * validationSize) {
      throw new DataException(
          summary().orElseThrow()
              + "; name other data, take it out of data.train with validation: { type: split, ... },"
              + " or raise data.leaks.allow (%s) to accept it".formatted(settings.allow()));
    }
    return summary();
  }
}
