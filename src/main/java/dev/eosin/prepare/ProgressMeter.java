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
  private final long rejectedBefore;
  private final Cost spentBefore;
  private RankTally others = RankTally.NONE;
  private long shown = started;

  ProgressMeter(Consumer<PreparationProgress> observer, Ledger ledger, FailedRows failed) {
    this.observer = observer;
    this.ledger = ledger;
    this.failed = failed;
    openBefore = ledger.funnel().open();
    rejectedBefore = ledger.funnel().allRejected();
    spentBefore = ledger.spent();
  }

  /// What this process did since.
  RankTally own() {
    Funnel funnel = ledger.funnel();
    return new RankTally(
        openBefore - funnel.open(),
        funnel.allRejected() - rejectedBefore,
        failed.count(),
        ledger.spent().since(spentBefore));
  }

  /// Adds what other ranks did since, in place of what was told of them before.
  void add(RankTally others) {
    this.others = others;
  }

  /// Tells it unless it was told a moment ago.
  void look() {
    if (System.nanoTime() - shown >= EVERY_NANOS) {
      show();
    }
  }

  void show() {
    shown = System.nanoTime();
    RankTally all = own().plus(others);
    long rows = ledger.funnel().rows();
    long open = openBefore - all.done();
    double rate = all.done() / ((shown - started) / 1e9);
    observer.accept(
        new PreparationProgress(
            rows - open,
            rows,
            rejectedBefore + all.rejected(),
            all.failed(),
            ledger.spent().plus(others.spent()),
            rate,
            open == 0 ? 0 : open / rate));
  }
}
