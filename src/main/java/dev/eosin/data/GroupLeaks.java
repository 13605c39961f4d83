package dev.eosin.data;

import dev.eosin.config.DataException;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;

/// Refuses a split with one slide, patient or original tile on both sides: its validation scores
/// would be too good.
final class GroupLeaks {
  private static final int SHOWN = 5;

  private GroupLeaks() {}

  /// Looks at every sample of both sides; memory holds the groups of the validation side.
  ///
  /// @throws DataException naming groups that both sides have
  static void check(Source train, Source validation) throws DataException {
    Set<String> groups = groups(validation);
    if (groups.isEmpty()) {
      return;
    }
    Set<String> shared = new TreeSet<>();
    for (long index = 0; index < train.size(); index++) {
      train.get(index).group().filter(groups::contains).ifPresent(shared::add);
    }
    if (!shared.isEmpty()) {
      throw new DataException(
          "data.validation: %d of its %d groups are also in data.train, for example %s; split by"
                  .formatted(shared.size(), groups.size(), shared.stream().limit(SHOWN).toList())
              + " group, or leave the group column out to accept the leak");
    }
  }

  private static Set<String> groups(Source source) {
    Set<String> groups = new HashSet<>();
    for (long index = 0; index < source.size(); index++) {
      source.get(index).group().ifPresent(groups::add);
    }
    return groups;
  }
}
