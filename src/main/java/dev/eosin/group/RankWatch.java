package dev.eosin.group;

import dev.eosin.config.DataException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/// Ends a job in which ranks wait for each other too long: a thread that calls neither MPI nor a
/// device, so that nothing can hold it up.
final class RankWatch implements AutoCloseable {
  private static final long LOOK_EVERY_MILLIS = 1000;

  /// So many ranks more, and records are written a second less often.
  private static final int RANKS_PER_SECOND = 16;

  private final int rank;
  private final int size;
  private final CollectiveLog log;
  private final WaitLimits limits;
  private final Consumer<String> overdue;
  private final Thread thread;
  private volatile Group.Work work = Group.Work.START_UP;
  private volatile Optional<RankRecords> records = Optional.empty();
  private volatile boolean closed;
  private long lastWritten;

  /// @param overdue told once, in words, what was waited for too long; ends the job
  RankWatch(int rank, int size, CollectiveLog log, WaitLimits limits, Consumer<String> overdue) {
    this.rank = rank;
    this.size = size;
    this.log = log;
    this.limits = limits;
    this.overdue = overdue;
    this.thread = Thread.ofPlatform().daemon().name("rank-watch").unstarted(this::watch);
  }

  RankWatch start() {
    thread.start();
    return this;
  }

  /// What ranks wait for from now on.
  void works(Group.Work on) {
    work = on;
  }

  Group.Work work() {
    return work;
  }

  /// Where records are written from now on.
  void keepRecordsIn(Path folder) {
    records = Optional.of(new RankRecords(folder, size));
  }

  private void watch() {
    while (!closed) {
      try {
        Thread.sleep(LOOK_EVERY_MILLIS);
      } catch (InterruptedException asked) {
        return;
      }
      record(false);
      Optional<CollectiveLog.Entry> waiting = log.underWay();
      Duration limit = limits.of(work);
      if (!closed
          && waiting.isPresent()
          && log.millis() - waiting.get().began() > limit.toMillis()) {
        overdue.accept(complaint(waiting.get(), limit));
        return;
      }
    }
  }

  private String complaint(CollectiveLog.Entry waiting, Duration limit) {
    record(true);
    return "waited more than %d s in collective %d (%s, %s) during %s: %s%s"
        .formatted(
            limit.toSeconds(),
            waiting.number(),
            waiting.kind(),
            waiting.what(),
            work.name().toLowerCase(Locale.ROOT).replace('_', ' '),
            records
                .map(all -> all.firstThatDiverged(rank, log))
                .orElse("no records of the other ranks yet"),
            records.map(all -> "; the last collectives are in " + all.folder()).orElse(""));
  }

  /// Writes this rank's record where it is time to, or it must be.
  void record(boolean now) {
    long pause = LOOK_EVERY_MILLIS * (1 + size / RANKS_PER_SECOND);
    if (records.isEmpty() || !now && log.millis() - lastWritten < pause) {
      return;
    }
    try {
      records.get().write(rank, log);
      lastWritten = log.millis();
    } catch (DataException unwritable) {
      // A full disk or a vanished folder ends the run elsewhere, with a message of its own.
      lastWritten = log.millis();
    }
  }

  /// After an end in good order: no record stays behind.
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join();
      if (records.isPresent()) {
        records.get().remove(rank);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (DataException alreadyGone) {
      // Nothing is lost with it.
    }
  }
}
