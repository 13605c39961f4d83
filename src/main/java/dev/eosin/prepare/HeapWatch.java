package dev.eosin.prepare;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryUsage;
import java.util.Optional;

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

  private final Thread watcher;

  private HeapWatch(Thread watcher) {
    this.watcher = watcher;
  }

  /// Begins to watch.
  static HeapWatch start() {
    Optional<MemoryPoolMXBean> old =
        ManagementFactory.getMemoryPoolMXBeans().stream()
            .filter(
                pool -> pool.getName().equals(OLD) && pool.isCollectionUsageThresholdSupported())
            .findFirst();
    return new HeapWatch(
        Thread.ofPlatform()
            .daemon()
            .name("heap-watch")
            .start(() -> old.ifPresent(HeapWatch::watch)));
  }

  private static void watch(MemoryPoolMXBean old) {
    try {
      while (true) {
        Thread.sleep(PAUSE_MILLIS);
        MemoryUsage kept = old.getCollectionUsage();
        if (isDue(old.getUsage().getUsed(), kept == null ? 0 : kept.getUsed())) {
          System.gc();
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
    watcher.interrupt();
  }
}
