package dev.eosin.prepare;

import dev.eosin.config.Seconds;
import java.io.Serial;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// What was spent, what is being spent, and whether more may be. Thread safe.
final class Budget {
  /// Of sums of money, as a share: ten times 0.1 are not more than 1.
  private static final double ROUNDING = 1e-9;

  private final PreparationSettings.Limits limits;
  private final BooleanSupplier stop;
  private final long started = System.nanoTime();
  private Cost spent;
  private Cost reserved = Cost.NONE;
  private Optional<String> exhausted = Optional.empty();
  private boolean halted;

  /// @param spent by earlier runs
  /// @param stop whether nothing new shall begin
  Budget(PreparationSettings.Limits limits, Cost spent, BooleanSupplier stop) {
    this.limits = limits;
    this.spent = spent;
    this.stop = stop;
  }

  /// Ends the work on a row where it stands: what it recorded stays, nothing else happens.
  static final class RowStopped extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;

    RowStopped() {
      super("the run stops", null, false, false);
    }
  }

  /// Sets aside what a call may cost at most; waits while calls in flight decide whether it fits.
  ///
  /// @throws RowStopped when it does not fit, or the run stops
  synchronized void reserve(Cost most) throws InterruptedException {
    requireTime();
    for (Optional<String> full = full(most); full.isPresent(); full = full(most)) {
      if (reserved.calls() == 0) {
        exhausted = full;
        throw new RowStopped();
      }
      wait();
      requireTime();
    }
    reserved = reserved.plus(most);
  }

  /// Replaces what was set aside by what it came to.
  synchronized void settle(Cost most, Cost cost) {
    boolean last = reserved.calls() == most.calls();
    reserved =
        last
            ? Cost.NONE // not what rounding leaves of the money
            : new Cost(
                reserved.calls() - most.calls(),
                reserved.tokens() - most.tokens(),
                Math.max(0, reserved.money() - most.money()));
    spent = spent.plus(cost);
    notifyAll();
  }

  /// @throws RowStopped when nothing new shall begin
  synchronized void requireTime() {
    if (mustStop()) {
      throw new RowStopped();
    }
  }

  /// Whether nothing new shall begin.
  synchronized boolean mustStop() {
    double seconds = (System.nanoTime() - started) / 1e9;
    if (exhausted.isEmpty() && limits.time().filter(time -> seconds >= time.value()).isPresent()) {
      exhausted = limits.time().map(Seconds::toString).map("budget.time: %s"::formatted);
    }
    return halted || exhausted.isPresent() || stop.getAsBoolean();
  }

  /// Lets nothing new begin.
  synchronized void halt() {
    halted = true;
    notifyAll();
  }

  /// The limit that was reached.
  synchronized Optional<String> exhausted() {
    return exhausted;
  }

  private Optional<String> full(Cost most) {
    Cost sure = spent.plus(reserved);
    return over("calls", limits.calls(), sure.calls(), most.calls())
        .or(() -> over("tokens", limits.tokens(), sure.tokens(), most.tokens()))
        .or(() -> over("money", limits.money(), sure.money(), most.money()));
  }

  /// What is unknown before it is asked is asked while anything is left.
  private static Optional<String> over(
      String name, Optional<? extends Number> limit, double sure, double most) {
    return limit
        .filter(
            set ->
                most > 0
                    ? sure + most > set.doubleValue() * (1 + ROUNDING)
                    : sure >= set.doubleValue())
        .map(set -> "budget.%s: %s".formatted(name, set));
  }
}
