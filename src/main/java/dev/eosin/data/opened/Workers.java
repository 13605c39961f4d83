package dev.eosin.data.opened;

import dev.eosin.config.CountOrAuto;

/// Threads that read ahead of the step.
final class Workers {
  // More decoders than this outrun any step, and each holds an image in memory.
  private static final int MOST_AUTOMATIC = 16;
  private static final int MOST = 1024;

  private Workers() {}

  /// @throws IllegalArgumentException for more than any machine has use for
  static void check(CountOrAuto workers) {
    if (workers.or(1) > MOST) {
      throw new IllegalArgumentException(
          "workers: %s is more than %d; write auto".formatted(workers, MOST));
    }
  }

  /// For `auto`, the processors but one.
  static int count(CountOrAuto workers) {
    int processors = Runtime.getRuntime().availableProcessors();
    return Math.max(1, workers.or(Math.min(processors - 1, MOST_AUTOMATIC)));
  }
}
