package dev.eosin.prepare;

import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// Tells an observer how far a run is, now and then. Used by one thread.
final class ProgressMeter {
  private static final long EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private final Consumer<PreparationProgress> observer;
  private final Ledger ledger;
  private final FailedRows failed;
  private final long started = System.nanoTime();
  private final long openBefore;
  private long shown = started;

  ProgressMeter(Consumer<PreparationProgress> observer, Ledger ledger, FailedRows failed) {
    this.observer = observer;
    this.ledger = ledger;
    this.failed = failed;
    openBefore = ledger.funnel().open();
  }

  /// Tells it unless it was told a moment ago.
  void look() {
    if (System.nanoTime() - shown >= EVERY_NANOS) {
      show();
    }
  }

  void show() {
    shown = System.nanoTime();
    Funnel funnel = ledger.funnel();
    double rate = (openBefore - funnel.open()) / ((shown - started) / 1e9);
    observer.accept(
        new PreparationProgress(
            funnel.rows() - funnel.open(),
            funnel.rows(),
            funnel.allRejected(),
            failed.count(),
            ledger.spent(),
            rate,
            funnel.open() == 0 ? 0 : funnel.open() / rate));
  }
}
