package dev.eosin.cli.terminal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/// What stands at the other end of stdout and stderr.
public final class Terminal implements IntSupplier {
  private static final Path STDOUT = Path.of("/proc/self/fd/1");
  private static final Path STDERR = Path.of("/proc/self/fd/2");
  private static final int USUAL_COLUMNS = 80;
  private static final long ASKED_EVERY_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final LongSupplier nanoTime;
  private long asked;
  private int columns;

  public Terminal() {
    this(System::nanoTime);
  }

  private Terminal(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.asked = nanoTime.getAsLong() - ASKED_EVERY_NANOS;
    this.columns = USUAL_COLUMNS;
  }

  /// Whether somebody sees stderr on a terminal that draws, so that a line may be drawn over. Java
  /// only tells it of stdin and stdout together: `eosin train ... 2> log` must not fill a file with
  /// control codes.
  public static boolean isStderr() {
    return draws(STDERR, System.getenv());
  }

  /// As [#isStderr], of stdout.
  public static boolean isStdout() {
    return draws(STDOUT, System.getenv());
  }

  /// @param stream the process's link to what it writes to
  static boolean draws(Path stream, Map<String, String> environment) {
    return !"dumb".equals(environment.get("TERM")) && isTerminal(stream);
  }

  private static boolean isTerminal(Path stream) {
    try {
      if (Files.isSymbolicLink(stream)) {
        return Files.readSymbolicLink(stream).toString().matches("/dev/(pts/.*|tty.*|console)");
      }
    } catch (IOException unknown) {
      // Asked of Java below.
    }
    return System.console() != null && System.console().isTerminal();
  }

  /// How many letters a line has now: a window may be resized while a run goes on.
  @Override
  public int getAsInt() {
    long now = nanoTime.getAsLong();
    if (now - asked >= ASKED_EVERY_NANOS) {
      asked = now;
      columns = ask();
    }
    return columns;
  }

  private static int ask() {
    try {
      Process process =
          new ProcessBuilder("sh", "-c", "stty size < /dev/tty")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String size =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
      return columns(size);
    } catch (IOException noSuchCommand) {
      return USUAL_COLUMNS;
    }
  }

  /// @param size `ROWS COLUMNS`, as stty prints it
  static int columns(String size) {
    return size.matches("[0-9]{1,5} [1-9][0-9]{0,4}")
        ? Integer.parseInt(size.substring(size.indexOf(' ') + 1))
        : USUAL_COLUMNS;
  }
}
