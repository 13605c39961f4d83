package dev.eosin.data.opened;

import dev.eosin.config.DataException;
import dev.eosin.data.Names;
import dev.eosin.data.Source;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Finds a split with one slide, patient or original tile on both sides: its validation scores
/// would be too good.
///
/// @param shared what both sides share, in one line
/// @param unseen why groups, or some of them, could not be compared, in one line
public record GroupLeaks(Optional<String> shared, Optional<String> unseen) {
  private static final int SHOWN = 5;

  /// Looks at every sample of the validation side and, where it has groups, of the training side;
  /// memory holds the groups of the validation side.
  public static GroupLeaks of(Source train, Source validation) {
    Set<String> groups = new HashSet<>();
    long without = 0;
    for (long index = 0; index < validation.size(); index++) {
      Optional<String> group = validation.get(index).group();
      group.ifPresent(groups::add);
      without += group.isEmpty() ? 1 : 0;
    }
    if (groups.isEmpty()) {
      return new GroupLeaks(Optional.empty(), unseen(train, validation, "data.validation names"));
    }
    Set<String> shared = new TreeSet<>();
    long trainWithout = 0;
    for (long index = 0; index < train.size(); index++) {
      Optional<String> group = train.get(index).group();
      group.filter(groups::contains).ifPresent(shared::add);
      trainWithout += group.isEmpty() ? 1 : 0;
    }
    if (trainWithout == train.size()) {
      return new GroupLeaks(Optional.empty(), unseen(train, validation, "data.train names"));
    }
    return new GroupLeaks(
        shared.isEmpty()
            ? Optional.empty()
            : Optional.of(
                "data.validation: %d of its %d groups are also in data.train, for example [%s]"
                    .formatted(
                        shared.size(),
                        groups.size(),
                        Names.of(shared.stream().limit(SHOWN).toList()))),
        trainWithout + without == 0
            ? Optional.empty()
            : Optional.of(
                "leaks by group could not be looked for in samples that have none: %d of %d in data.train, %d of %d in data.validation"
                    .formatted(trainWithout, train.size(), without, validation.size())));
  }

  private static Optional<String> unseen(Source train, Source validation, String side) {
    return train.drawn() && validation.drawn()
        ? Optional.empty()
        : Optional.of(
            "leaks by group could not be looked for: %s no groups; name the slide or patient of each sample"
                .formatted(side));
  }

  /// @return what a user should know
  /// @throws DataException naming groups that both sides have
  public Optional<String> verdict() throws DataException {
    if (shared.isPresent()) {
      throw new DataException(
          shared.get() + "; split by group, or leave the group column out to accept the leak");
    }
    return unseen;
  }
}
