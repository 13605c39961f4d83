package dev.eosin.serve;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Until when something has to be done.
///
/// @param nanos on the clock of [System#nanoTime]
record Deadline(long nanos) {
  static Deadline in(Duration time) {
    return new Deadline(System.nanoTime() + time.toNanos());
  }

  /// Nanoseconds left, at least 0.
  long left() {
    return Math.max(0, nanos - System.nanoTime());
  }

  /// What a task gives. One that is late goes on.
  ///
  /// @throws TimeoutException when it is late
  <T> T awaitUndisturbed(Future<T> task)
      throws TimeoutException, ExecutionException, InterruptedException {
    return task.get(left(), TimeUnit.NANOSECONDS);
  }

  /// What a task gives. One that is late is cancelled.
  ///
  /// @throws TimeoutException when it is late
  <T> T await(Future<T> task) throws TimeoutException, ExecutionException, InterruptedException {
    try {
      return task.get(left(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException | InterruptedException e) {
      task.cancel(true);
      throw e;
    }
  }
}
