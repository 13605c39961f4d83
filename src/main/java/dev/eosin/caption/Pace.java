package dev.eosin.caption;

import java.time.Duration;
import java.util.concurrent.Semaphore;

/// Keeps requests few and, when a service asks for it, away for a while: all of them, for a limit
/// of rate is the service's, not one request's. Thread safe.
final class Pace {
  private final Semaphore places;
  private long freeAtNanos = System.nanoTime();

  /// @param parallel requests that are open at once
  Pace(int parallel) {
    this.places = new Semaphore(parallel, true);
  }

  /// Waits for a place, and until the service may be asked again.
  void enter() throws InterruptedException {
    places.acquire();
    try {
      for (long left = left(); left > 0; left = left()) {
        Thread.sleep(Duration.ofNanos(left));
      }
    } catch (InterruptedException e) {
      places.release();
      throw e;
    }
  }

  void leave() {
    places.release();
  }

  /// Nothing begins before then.
  synchronized void hold(Duration pause) {
    freeAtNanos = Math.max(freeAtNanos, System.nanoTime() + pause.toNanos());
  }

  private synchronized long left() {
    return freeAtNanos - System.nanoTime();
  }
}
