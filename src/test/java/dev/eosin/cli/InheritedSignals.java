package dev.eosin.cli;

import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A shell that is not interactive starts background jobs with SIGINT ignored, and a JVM then
/// leaves it so: no child of such a process can be tested with it.
public final class InheritedSignals {
  private static final int INTERRUPT = 2;

  private InheritedSignals() {}

  public static void assumeInterruptIsDelivered() throws IOException {
    assumeFalse(
        isIgnored(INTERRUPT), "SIGINT is ignored here and in every child; run in the foreground");
  }

  private static boolean isIgnored(int signal) throws IOException {
    Path status = Path.of("/proc/self/status");
    return Files.exists(status)
        && Files.readAllLines(status).stream()
            .filter(line -> line.startsWith("SigIgn:"))
            .mapToLong(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
            .anyMatch(mask -> (mask >> (signal - 1) & 1) == 1);
  }
}
