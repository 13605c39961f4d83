package dev.eosin.cli.terminal;

/// The exit codes of every command, a contract with scripts and schedulers.
public final class ExitCode {
  /// The command did what was asked.
  public static final int DONE = 0;

  /// Anything that has no code of its own: a missing JDK or GPU library, a bug.
  public static final int OTHER = 1;

  /// The command line or the recipe is wrong; nothing was started.
  public static final int USAGE = 2;

  /// Data or a file is missing, unreadable or malformed.
  public static final int DATA = 3;

  private ExitCode() {}

  /// The shell's code for a process that a signal ended, e.g. 143 for SIGTERM.
  ///
  /// @param signalNumber the operating system's number, e.g. 15 for SIGTERM
  public static int ofSignal(int signalNumber) {
    return 128 + signalNumber;
  }
}
