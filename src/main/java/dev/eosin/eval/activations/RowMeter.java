package dev.eosin.eval.activations;

import java.util.concurrent.TimeUnit;

/// Tells how far a pass over rows is, now and then.
public final class RowMeter {
  private static final long EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private final long started = System.nanoTime();
  private final long before;
  private final long all;
  private final ActivationPass.Listener listener;
  private long shown = started;

  /// @param before rows that an earlier call did
  /// @param all rows
  public RowMeter(long before, long all, ActivationPass.Listener listener) {
    this.before = before;
    this.all = all;
    this.listener = listener;
  }

  /// Tells it unless it was told a moment ago.
  ///
  /// @param rows that are done
  public void done(long rows) {
    long now = System.nanoTime();
    if (rows == all || now - shown >= EVERY_NANOS) {
      shown = now;
      double rate = (rows - before) / ((now - started) / 1e9);
      listener.progress().accept(new ActivationPass.Progress(rows, all, rate));
    }
  }
}
