package dev.eosin.spark;

import dev.eosin.curate.rules.Likeness;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Rows that meet under one key, in their order.
final class Bucket {
  /// What is known of a row after it met those before it.
  enum Verdict {
    /// Like one that may be kept.
    WAITS,
    /// Like one that is kept.
    LEFT
  }

  /// An earlier row.
  ///
  /// @param position of the row
  @SuppressWarnings("ArrayRecordComponent") // read only
  record Earlier(int position, int[] item) {}

  private final Likeness likeness;
  private final List<Earlier> kept = new ArrayList<>();
  private final List<Earlier> open = new ArrayList<>();

  /// Copies to the letter are alike to the same rows, so that one stands for all.
  private final Set<List<Integer>> seen = new HashSet<>();

  Bucket(Likeness likeness) {
    this.likeness = likeness;
  }

  /// Of the next row.
  Optional<Verdict> verdict(Compared row) {
    if (!row.asks()) {
      return Optional.empty();
    }
    if (first(kept, row.item()).isPresent()) {
      return Optional.of(Verdict.LEFT);
    }
    return first(open, row.item()).map(earlier -> Verdict.WAITS);
  }

  /// The first that is kept and like the next row.
  Optional<Earlier> original(Compared row) {
    return row.asks() ? first(kept, row.item()) : Optional.empty();
  }

  private Optional<Earlier> first(List<Earlier> among, int[] item) {
    return among.stream().filter(earlier -> likeness.alike(earlier.item(), item)).findFirst();
  }

  /// Takes the row to those before the next.
  void add(int position, Compared row) {
    if (!row.lies()) {
      return;
    }
    if (row.kept()) {
      kept.add(new Earlier(position, row.item()));
    } else if (seen.add(IntStream.of(row.item()).boxed().toList())) {
      open.add(new Earlier(position, row.item()));
    }
  }

  /// The keys under which a row is sent, each once.
  static Stream<Tagged> keys(Likeness likeness, int[] item, Sending.As as) {
    Set<Long> wanted = new HashSet<>();
    for (long key : as == Sending.As.KEPT ? new long[0] : likeness.asks(item)) {
      wanted.add(key);
    }
    Set<Long> found = new HashSet<>();
    for (long key : as == Sending.As.LEFT ? new long[0] : likeness.lies(item)) {
      found.add(key);
    }
    Set<Long> all = new HashSet<>(wanted);
    all.addAll(found);
    return all.stream()
        .map(
            key ->
                new Tagged(
                    key,
                    new Compared(
                        item, wanted.contains(key), found.contains(key), as == Sending.As.KEPT)));
  }

  /// With its key.
  record Tagged(long key, Compared row) {}
}
