package dev.eosin.data;

import dev.eosin.config.DataException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Finds a split with one slide, patient or original tile on both sides: its validation scores
/// would be too good.
public final class GroupLeaks {
  private static final int SHOWN = 5;

  private GroupLeaks() {}

  /// @throws DataException naming groups that both sides have
  static void check(Source train, Source validation) throws DataException {
    Optional<String> shared = summary(train, validation);
    if (shared.isPresent()) {
      throw new DataException(
          shared.get() + "; split by group, or leave the group column out to accept the leak");
    }
  }

  /// What both sides share, in one line; empty when nothing. Looks at every sample of both sides;
  /// memory holds the groups of the validation side.
  public static Optional<String> summary(Source train, Source validation) {
    Set<String> groups = groups(validation);
    if (groups.isEmpty()) {
      return Optional.empty();
    }
    Set<String> shared = new TreeSet<>();
    for (long index = 0; index < train.size(); index++) {
      train.get(index).group().filter(groups::contains).ifPresent(shared::add);
    }
    return shared.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "data.validation: %d of its %d groups are also in data.train, for example %s"
                .formatted(shared.size(), groups.size(), shared.stream().limit(SHOWN).toList()));
  }

  private static Set<String> groups(Source source) {
    Set<String> groups = new HashSet<>();
    for (long index = 0; index < source.size(); index++) {
      source.get(index).group().ifPresent(groups::add);
    }
    return groups;
  }
}
