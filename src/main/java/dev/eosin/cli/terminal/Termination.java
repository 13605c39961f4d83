package dev.eosin.cli.terminal;

import java.io.PrintWriter;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import sun.misc.Signal;

/// Asks a long command to end in good order when the process gets SIGTERM, SIGINT or SIGUSR1 (which
/// schedulers send ahead of a limit).
///
/// The command looks at [#requested()] between two steps, saves, returns, and ends with
/// [#exitCode()], unless to be ended is how it is done. A second signal of any of the three ends
/// the process at once.
public final class Termination {
  private static final List<String> SIGNALS = List.of("TERM", "INT", "USR1");
  private static final String SAVES =
      "stops after what is at work and saves; a second signal ends at once and saves nothing more";

  private final AtomicInteger received = new AtomicInteger();

  private Termination() {}

  /// Lets the signals end the process at once, until a command listens to them. Java would leave by
  /// C's `exit`, which takes libtorch down while its threads may still compute: now and then a
  /// command that was interrupted ended in a crash report.
  public static void endAtOnce() {
    for (String name : List.of("TERM", "INT")) {
      Signal.handle(
          new Signal(name),
          signal -> Runtime.getRuntime().halt(ExitCode.ofSignal(signal.getNumber())));
    }
  }

  /// Takes over the signals for the rest of the process, of a command that saves.
  ///
  /// @param told what the first one leads to, at once: opening data and weights may still take long
  public static Termination listen(PrintWriter told) {
    return listen(told, SAVES);
  }

  /// As above, of any command.
  ///
  /// @param then what the first signal leads to, and the second, in words
  public static Termination listen(PrintWriter told, String then) {
    Termination termination = new Termination();
    for (String name : SIGNALS) {
      Signal.handle(new Signal(name), signal -> termination.receive(signal, told, then));
    }
    return termination;
  }

  /// Whether a signal has come.
  public boolean requested() {
    return received.get() != 0;
  }

  /// The code to end with, e.g. 143 after SIGTERM; empty when no signal has come.
  public OptionalInt exitCode() {
    int number = received.get();
    return number == 0 ? OptionalInt.empty() : OptionalInt.of(ExitCode.ofSignal(number));
  }

  private void receive(Signal signal, PrintWriter told, String then) {
    int number = signal.getNumber();
    if (!received.compareAndSet(0, number)) {
      Runtime.getRuntime().halt(ExitCode.ofSignal(number));
    }
    told.printf("SIG%s: %s%n", signal.getName(), then);
    told.flush();
  }
}
