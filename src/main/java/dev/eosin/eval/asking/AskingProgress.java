package dev.eosin.eval.asking;

import java.util.Locale;

/// How far asking is.
///
/// @param done answers that there are
/// @param all that are wanted
/// @param answersPerSecond of this call
/// @param secondsLeft not a number before the first answers
public record AskingProgress(long done, long all, double answersPerSecond, double secondsLeft) {
  /// For a person.
  public String text() {
    String left =
        Double.isFinite(secondsLeft)
            ? String.format(Locale.ROOT, "  %.0f s left", secondsLeft)
            : "";
    return String.format(
        Locale.ROOT,
        "answer %d/%d  %d %%  %.1f answers/s%s",
        done,
        all,
        100 * done / Math.max(1, all),
        answersPerSecond,
        left);
  }
}
