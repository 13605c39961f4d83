package dev.eosin.prepare;

import java.util.Locale;

/// How far a run is.
///
/// @param done rows that have an outcome
/// @param rows all
/// @param rejected of those done
/// @param failed rows that failed in this run
/// @param spent by all runs
/// @param rowsPerSecond of this run
/// @param secondsLeft at that rate; infinite before the first row of this run is done
public record PreparationProgress(
    long done,
    long rows,
    long rejected,
    long failed,
    Cost spent,
    double rowsPerSecond,
    double secondsLeft) {
  /// For a person.
  public String text() {
    String left =
        Double.isFinite(secondsLeft)
            ? String.format(Locale.ROOT, "  %.0f s left", secondsLeft)
            : "";
    return String.format(
        Locale.ROOT,
        "row %d/%d  %d %%  rejected %d  failed %d%s  %.1f rows/s%s",
        done,
        rows,
        100 * done / Math.max(1, rows),
        rejected,
        failed,
        costs(),
        rowsPerSecond,
        left);
  }

  private String costs() {
    return spent.calls() == 0
        ? ""
        : String.format(
            Locale.ROOT,
            "  calls %d  tokens %d  money %.2f",
            spent.calls(),
            spent.tokens(),
            spent.money());
  }
}
