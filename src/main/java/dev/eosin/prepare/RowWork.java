package dev.eosin.prepare;

import dev.eosin.checkpoint.Quote;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import dev.eosin.group.Group;
import dev.eosin.prepare.OpenRows.OpenRow;
import dev.eosin.prepare.RowPreparation.Outcome;
import dev.eosin.random.RandomKey;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Brings every row to its outcome, a number of them at once, each on a virtual thread.
///
/// No thread is interrupted: what a service was asked for is paid, so its answer is awaited and
/// recorded even where the run is about to end.
final class RowWork {
  private static final long LOOK_MILLIS = 200;

  /// Between the first two meetings of ranks; then twice as long each time, up to the above.
  private static final long FIRST_ROUND_MILLIS = 10;

  private final RowPreparation preparation;
  private final CheckedRows.Whole whole;
  private final PreparationSettings settings;
  private final RandomKey seed;
  private final Ledger ledger;
  private final Budget budget;
  private final Group group;
  private final FailedRows failed;
  private final Consumer<PreparationProgress> observer;
  private final Semaphore free;
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  RowWork(
      RowPreparation preparation,
      CheckedRows.Whole whole,
      PreparationSettings settings,
      RandomKey seed,
      Ledger ledger,
      Budget budget,
      Group group,
      Consumer<PreparationProgress> observer) {
    this.preparation = preparation;
    this.whole = whole;
    this.settings = settings;
    this.seed = seed;
    this.ledger = ledger;
    this.budget = budget;
    this.group = group;
    this.observer = observer;
    failed = new FailedRows(settings, ledger);
    free = new Semaphore(settings.parallel());
  }

  /// Ends when every row has an outcome or failed, or nothing new shall begin.
  ///
  /// @throws DataException when a row cannot be prepared and did not merely fail
  void run() throws DataException {
    ProgressMeter progress = new ProgressMeter(observer, ledger, failed);
    try (Rows rows = whole.again(preparation);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      OpenRows open = new OpenRows(rows, ledger);
      if (group.size() == 1) {
        alone(open, threads, progress);
      } else {
        shared(new RowShare(group, open, settings.parallel()), threads, progress);
      }
      if (!mustStop()) {
        failed.reject();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DataException("the preparation was interrupted", e);
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw new DataException("ranks do not understand each other: " + e.getMessage(), e);
    } finally {
      ledgerSync();
    }
    rethrow();
    progress.show();
  }

  private void alone(OpenRows open, ExecutorService threads, ProgressMeter progress)
      throws DataException, InterruptedException {
    for (Optional<OpenRow> next = open.next(); next.isPresent(); next = open.next()) {
      await(1, progress);
      if (mustStop()) {
        break;
      }
      start(threads, next.get());
    }
    await(settings.parallel(), progress);
  }

  /// Ends when the rows of all ranks have an outcome or failed, or nothing new shall begin
  /// anywhere.
  private void shared(RowShare share, ExecutorService threads, ProgressMeter progress)
      throws IOException, InterruptedException {
    long millis = FIRST_ROUND_MILLIS;
    while (share.round(working(), mustStop(), progress.own())) {
      progress.add(share.others());
      progress.look();
      long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
      millis = Math.min(LOOK_MILLIS, 2 * millis);
      while (share.hasRows()
          && !mustStop()
          && free.tryAcquire(1, end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        free.release();
        start(threads, share.take().orElseThrow());
      }
      TimeUnit.NANOSECONDS.sleep(Math.max(0, end - System.nanoTime()));
    }
    progress.add(share.others());
  }

  private int working() {
    return settings.parallel() - free.availablePermits();
  }

  /// What was recorded is made durable also where the run ends by an error, which goes before.
  private void ledgerSync() throws DataException {
    if (failure.get() == null) {
      ledger.sync();
    }
  }

  private void start(ExecutorService threads, OpenRow open) {
    free.acquireUninterruptibly();
    var _ =
        threads.submit(
            () -> {
              try {
                prepare(open.position(), open.row());
              } finally {
                free.release();
              }
            });
  }

  /// Waits until so many more rows could be in work.
  private void await(int places, ProgressMeter progress) throws InterruptedException {
    progress.look();
    while (!free.tryAcquire(places, LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
      progress.look();
    }
    free.release(places);
  }

  private boolean mustStop() {
    return failure.get() != null || failed.areTooMany() || budget.mustStop();
  }

  private void prepare(int position, Row row) {
    try {
      RowSteps steps = new RowSteps(ledger, budget, seed, position, row);
      Outcome outcome = preparation.prepare(row, steps);
      requireReason(outcome, preparation);
      ledger.ended(position, row.key(), outcome);
      // A row that is left out at sight says nothing of whether the service answers.
      if (steps.hasAdvanced() || outcome instanceof Outcome.Kept) {
        failed.succeeded();
      }
    } catch (Budget.RowStopped stopped) {
      return;
    } catch (RowFailedException e) {
      failed.add(position, row, e);
    } catch (IOException | InterruptedException | RuntimeException e) {
      fail(located(row, e));
    } catch (Error e) {
      fail(e);
    }
  }

  static void requireReason(Outcome outcome, RowPreparation preparation) {
    if (outcome instanceof Outcome.Rejected(String reason, String detail)
        && !preparation.reasons().contains(reason)) {
      throw new IllegalStateException(
          "the reason '%s' of '%s' is not one of %s"
              .formatted(reason, detail, preparation.reasons()));
    }
  }

  /// A disk or a service says what is wrong itself; the row is where it came to light.
  private static Exception located(Row row, Exception e) {
    String where = row.place() + ", key " + Quote.of(row.key());
    return e instanceof IOException
        ? new DataException("%s: %s".formatted(where, AtomicFile.reason(e)), e)
        : new IllegalStateException("%s: %s".formatted(where, e), e);
  }

  private void fail(Throwable e) {
    failure.compareAndSet(null, e);
    budget.halt();
  }

  FailedRows failed() {
    return failed;
  }

  private void rethrow() throws DataException {
    switch (failure.get()) {
      case null -> {}
      case DataException e -> throw e;
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      case Throwable e -> throw new IllegalStateException(e);
    }
  }

  /// The preparation's reasons, and the run's own.
  static List<String> reasons(RowPreparation preparation) {
    List<String> all = new ArrayList<>(preparation.reasons());
    all.add(FailedRows.REASON);
    return all;
  }
}
