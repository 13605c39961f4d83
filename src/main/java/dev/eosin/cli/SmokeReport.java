package dev.eosin.cli;

import dev.eosin.run.rehearsals.SmokeStages;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;

/// Prints a smoke test: one line for each stage.
record SmokeReport(PrintWriter out) implements SmokeStages.Report {
  private static final double GIB = 1L << 30;

  @Override
  public void passed(SmokeStages.Stage stage) {
    String peak =
        stage.peakBytes().isPresent()
            ? String.format(Locale.ROOT, "peak %.2f GiB", stage.peakBytes().getAsLong() / GIB)
            : "";
    out.printf(
        Locale.ROOT, "%-18s %7.1f s  %s  %s%n", stage.name(), stage.seconds(), peak, stage.found());
    out.flush();
  }

  @Override
  public void failed(String stage, Path folder) {
    out.printf("%-18s failed; what it wrote is kept in %s%n", stage, folder);
    out.flush();
  }

  @Override
  public void note(String message) {
    out.printf("%-18s %s%n", "note", message);
    out.flush();
  }
}
