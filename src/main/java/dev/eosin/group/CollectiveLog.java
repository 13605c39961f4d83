package dev.eosin.group;

import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/// The last collectives of one rank, so that a job that hangs can say which rank left the others.
/// Thread safe: one thread computes, another looks.
final class CollectiveLog {
  private static final int KEPT = 64;

  /// One call of all ranks.
  ///
  /// @param number from 1, the same on all ranks
  /// @param kind such as `sum`
  /// @param what shape and type, or what it is for
  /// @param bytes that this rank brings
  /// @param began milliseconds since 1970
  /// @param ended the same; empty while it goes on
  record Entry(
      long number, String kind, String what, long bytes, long began, Optional<Long> ended) {}

  private final InstantSource clock;
  private final Deque<Entry> entries = new ArrayDeque<>();
  private long count;
  private long bytes;

  CollectiveLog(InstantSource clock) {
    this.clock = clock;
  }

  synchronized void begins(String kind, String what, long ofBytes) {
    if (entries.size() == KEPT) {
      entries.removeFirst();
    }
    count++;
    bytes += ofBytes;
    entries.addLast(new Entry(count, kind, what, ofBytes, clock.millis(), Optional.empty()));
  }

  synchronized void ends() {
    Entry last = entries.removeLast();
    entries.addLast(
        new Entry(
            last.number,
            last.kind,
            last.what,
            last.bytes,
            last.began,
            Optional.of(clock.millis())));
  }

  /// The one under way, if there is one.
  synchronized Optional<Entry> underWay() {
    return Optional.ofNullable(entries.peekLast()).filter(last -> last.ended.isEmpty());
  }

  /// Oldest first.
  synchronized List<Entry> last() {
    return new ArrayList<>(entries);
  }

  /// How many were begun.
  synchronized long count() {
    return count;
  }

  /// What this rank has brought to all of them.
  synchronized long bytes() {
    return bytes;
  }

  long millis() {
    return clock.millis();
  }
}
