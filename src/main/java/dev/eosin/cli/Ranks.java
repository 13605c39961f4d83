package dev.eosin.cli;

import dev.eosin.group.Group;
import dev.eosin.group.Launch;
import dev.eosin.group.MpiGroup;
import dev.eosin.group.WaitLimits;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/// The ranks that a command runs on: those that a starter such as `mpirun` made, or this process
/// alone.
final class Ranks implements AutoCloseable {
  /// What fails alike on every rank is told by the first one alone: the others leave it this time.
  private static final Duration FIRST_RANK_SPEAKS = Duration.ofSeconds(2);

  private final Optional<MpiGroup> several;
  private final Launch launch;
  private final PrintWriter err;

  private Ranks(Optional<MpiGroup> several, Launch launch, PrintWriter err) {
    this.several = several;
    this.launch = launch;
    this.err = err;
  }

  /// Joins the other ranks, where there are any.
  static Ranks join(Launch launch, WaitLimits limits, PrintWriter err) {
    if (!launch.isOneOfSeveral()) {
      return new Ranks(Optional.empty(), launch, err);
    }
    try {
      MpiGroup group = MpiGroup.join(launch, limits, what -> tell(err, launch.rank(), what));
      return new Ranks(Optional.of(group), launch, err);
    } catch (RuntimeException failure) {
      leaveItToTheFirst(launch.rank());
      throw failure;
    }
  }

  Group group() {
    return several.<Group>map(group -> group).orElse(Group.ALONE);
  }

  Optional<MpiGroup> several() {
    return several;
  }

  /// Does a command's work; whatever it throws on one of several ranks ends all of them, with this
  /// rank's message.
  int run(Callable<Integer> work) throws Exception {
    if (several.isEmpty()) {
      return work.call();
    }
    try {
      return work.call();
    } catch (Throwable failure) {
      leaveItToTheFirst(launch.rank());
      ErrorReport report = ErrorReport.of(failure);
      new ErrorReport(
              report.exitCode(),
              "rank %d: %s".formatted(launch.rank(), report.message()),
              report.bug())
          .print(err, failure, false);
      several.get().abort(report.exitCode());
      throw failure;
    }
  }

  private static void leaveItToTheFirst(int rank) {
    if (rank > 0) {
      LockSupport.parkNanos(FIRST_RANK_SPEAKS.toNanos());
    }
  }

  private static void tell(PrintWriter err, int rank, String what) {
    err.printf("eosin: rank %d: %s%n", rank, what);
    err.flush();
  }

  @Override
  public void close() {
    several.ifPresent(MpiGroup::close);
  }
}
