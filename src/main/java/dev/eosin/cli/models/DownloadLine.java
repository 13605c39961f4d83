package dev.eosin.cli.models;

import dev.eosin.fetch.Download;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.OptionalLong;

/// How a download goes: on a terminal one line that is refreshed, elsewhere a line at each tenth.
final class DownloadLine implements Download.Progress, AutoCloseable {
  private static final int STEPS_OF_A_TERMINAL = 1000;
  private static final int STEPS_ELSEWHERE = 10;
  private static final int UNKNOWN_STEP_BYTES = 64 << 20;

  private final PrintWriter out;
  private final boolean terminal;
  private long step = -1;
  private boolean lineOpen;

  DownloadLine(PrintWriter out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  @Override
  public void moved(long bytes, OptionalLong total) {
    int steps = terminal ? STEPS_OF_A_TERMINAL : STEPS_ELSEWHERE;
    long now =
        total.isPresent() && total.getAsLong() > 0
            ? (long) ((double) bytes / total.getAsLong() * steps)
            : bytes / UNKNOWN_STEP_BYTES;
    if (now == step) {
      return;
    }
    step = now;
    String line =
        total.isPresent()
            ? "%,d of %,d MiB".formatted(bytes >> 20, total.getAsLong() >> 20)
            : "%,d MiB".formatted(bytes >> 20);
    out.print(terminal ? "\r" + line + "\u001b[K" : line + "\n");
    out.flush();
    lineOpen = terminal;
  }

  @Override
  public void retrying(String reason, Duration pause) {
    close();
    out.printf("%s; trying again in %d s%n", reason, pause.toSeconds());
    out.flush();
  }

  /// Ends a line that is open.
  @Override
  public void close() {
    if (lineOpen) {
      out.println();
      out.flush();
      lineOpen = false;
    }
  }
}
