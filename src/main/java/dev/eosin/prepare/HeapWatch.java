package dev.eosin.prepare;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryUsage;
import java.util.Optional;
import java.util.function.LongSupplier;

/// Keeps Java's heap near what lives in it while rows are prepared, until it is closed.
///
/// The parallel collector, which the launcher takes, collects its old generation when the heap has
/// reached its limit, not before: a preparation of hours would end at 4 GB whatever it holds. This
/// asks for a collection when a third of what lived after the last one has been added, so that all
/// of them together cost no more than a few of the last. Other collectors look after themselves.
final class HeapWatch implements AutoCloseable {
  /// As Java calls the old generation of that collector.
  private static final String OLD = "PS Old Gen";

  private static final long LEAST_BYTES = 128L << 20;
  private static final int PART = 3;
  private static final long PAUSE_MILLIS = 250;

  private final Optional<Thread> watcher;

  private HeapWatch(Optional<Thread> watcher) {
    this.watcher = watcher;
  }

  /// Begins to watch, where that collector is at work.
  static HeapWatch start() {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(pool -> pool.getName().equals(OLD))
        .findFirst()
        .map(old -> start(() -> old.getUsage().getUsed(), () -> kept(old), System::gc))
        .orElseGet(() -> new HeapWatch(Optional.empty()));
  }

  private static long kept(MemoryPoolMXBean old) {
    MemoryUsage kept = old.getCollectionUsage();
    return kept == null ? 0 : kept.getUsed();
  }

  /// @param usedBytes now
  /// @param keptBytes after the last collection
  /// @param collection what is asked for when it is due
  static HeapWatch start(LongSupplier usedBytes, LongSupplier keptBytes, Runnable collection) {
    return new HeapWatch(
        Optional.of(
            Thread.ofPlatform()
                .daemon()
                .name("heap-watch")
                .start(() -> watch(usedBytes, keptBytes, collection))));
  }

  private static void watch(LongSupplier usedBytes, LongSupplier keptBytes, Runnable collection) {
    try {
      while (true) {
        Thread.sleep(PAUSE_MILLIS);
        if (isDue(usedBytes.getAsLong(), keptBytes.getAsLong())) {
          collection.run();
        }
      }
    } catch (InterruptedException closed) {
      // No more rows.
    }
  }

  /// Whether so much was added that a collection is worth its time.
  ///
  /// @param usedBytes now
  /// @param keptBytes after the last collection
  static boolean isDue(long usedBytes, long keptBytes) {
    return usedBytes - keptBytes > Math.max(LEAST_BYTES, keptBytes / PART);
  }

  /// Ends it.
  @Override
  public void close() {
    watcher.ifPresent(Thread::interrupt);
  }
}
