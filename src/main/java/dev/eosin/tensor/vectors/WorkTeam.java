package dev.eosin.tensor.vectors;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Threads that share short pieces of work with the thread that hands it out. Those that wait do so
/// awake for a while, so that a piece of microseconds is worth sharing; then they sleep.
///
/// One thread hands out work, one piece at a time.
public final class WorkTeam implements AutoCloseable {
  /// Some of the items of a piece of work.
  @FunctionalInterface
  public interface Work {
    void part(int from, int to);
  }

  // A third of a millisecond or so: longer than a decoder takes between two products, shorter than
  // what others on the same cores would notice.
  private static final int TURNS_AWAKE = 10_000;

  private final List<Thread> helpers = new ArrayList<>();
  private volatile @Nullable Job current;
  private volatile boolean closed;
  private final AtomicInteger asleep = new AtomicInteger();

  /// @param threads that work at once, the one that hands out included
  public WorkTeam(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("a team of %d threads".formatted(threads));
    }
    for (int i = 1; i < threads; i++) {
      helpers.add(Thread.ofPlatform().daemon().name("eosin-vectors-" + i).start(this::help));
    }
  }

  /// Does work on items 0 to `items`; returns when all of it is done. What a part throws is thrown
  /// here, after the other parts are done.
  ///
  /// @param grain items of a part; the last one may have fewer
  public void share(int items, int grain, Work work) {
    if (helpers.isEmpty() || items <= grain) {
      work.part(0, items);
      return;
    }
    var job = new Job(items, grain, work);
    current = job;
    if (asleep.get() > 0) {
      helpers.forEach(LockSupport::unpark);
    }
    job.work();
    for (int turn = 0; !job.isDone(); turn++) {
      pause(turn);
    }
    job.rethrow();
  }

  /// What fills every thread's time about as long, in parts of at least `least` items.
  public int grain(int items, int least) {
    int parts = 4 * (helpers.size() + 1);
    int grain = Math.max(least, (items + parts - 1) / parts);
    return (grain + RowMatrix.BLOCK - 1) / RowMatrix.BLOCK * RowMatrix.BLOCK;
  }

  private static void pause(int turn) {
    // Whoever has the rest may have lost its core to another process.
    if (turn > TURNS_AWAKE) {
      Thread.yield();
    } else {
      Thread.onSpinWait();
    }
  }

  private void help() {
    Job seen = null;
    int turns = 0;
    while (!closed) {
      Job job = current;
      if (job != null && job != seen) {
        job.work();
        seen = job;
        turns = 0;
      } else if (turns++ < TURNS_AWAKE) {
        Thread.onSpinWait();
      } else {
        sleep(seen);
        turns = 0;
      }
    }
  }

  private void sleep(@Nullable Job seen) {
    asleep.incrementAndGet();
    // Work that came before this thread counted as asleep would not wake it.
    if (current == seen && !closed) {
      LockSupport.park(this);
    }
    asleep.decrementAndGet();
  }

  /// Ends the threads; waits for them.
  @Override
  public void close() {
    closed = true;
    helpers.forEach(LockSupport::unpark);
    boolean interrupted = false;
    for (Thread helper : helpers) {
      while (helper.isAlive()) {
        try {
          helper.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static final class Job {
    private final int items;
    private final int grain;
    private final Work work;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger done = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    private Job(int items, int grain, Work work) {
      this.items = items;
      this.grain = grain;
      this.work = work;
    }

    private void work() {
      for (int from = next.getAndAdd(grain); from < items; from = next.getAndAdd(grain)) {
        int to = Math.min(items, from + grain);
        try {
          work.part(from, to);
        } catch (Throwable e) {
          failure.compareAndSet(null, e);
        }
        done.addAndGet(to - from);
      }
    }

    private boolean isDone() {
      return done.get() == items;
    }

    private void rethrow() {
      switch (failure.get()) {
        case null -> {}
        case RuntimeException e -> throw e;
        case Error e -> throw e;
        case Throwable e -> throw new IllegalStateException(e);
      }
    }
  }
}
