package dev.eosin.eval.probes;

import java.util.Arrays;
import java.util.OptionalDouble;

/// How well risks order survival: Harrell's c-index.
///
/// Source: Harrell et al. 1982. Two rows can be compared where the earlier time is that of an
/// event; of equal times, where exactly one of them is an event, which counts as the earlier. A
/// pair is right where the earlier has the larger risk, half right where risks are equal.
public final class Concordance {
  private Concordance() {}

  /// Survival of a row.
  ///
  /// @param time that was watched, at least 0
  /// @param event whether it ended with one; otherwise the row is censored
  public record Survival(double time, boolean event) {
    /// @throws IllegalArgumentException for a time that is none
    public Survival {
      if (!(time >= 0) || Double.isInfinite(time)) {
        throw new IllegalArgumentException("a time of %s; at least 0 is expected".formatted(time));
      }
    }

    boolean isBefore(Survival other) {
      return event && (time < other.time || (time == other.time && !other.event));
    }
  }

  /// @param risks of the rows `[n]`; larger means sooner
  /// @param rows `[n]`
  /// @return empty where no two rows can be compared
  public static OptionalDouble of(double[] risks, Survival[] rows) {
    int[] once = new int[rows.length];
    Arrays.fill(once, 1);
    return of(risks, rows, once);
  }

  /// Of rows that occur several times or not at all; copies of a row are not compared.
  ///
  /// @param times of each row `[n]`
  /// @return empty where no two rows can be compared
  public static OptionalDouble of(double[] risks, Survival[] rows, int[] times) {
    double right = 0;
    double pairs = 0;
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < rows.length && times[i] > 0; j++) {
        if (times[j] > 0 && rows[i].isBefore(rows[j])) {
          double weight = (double) times[i] * times[j];
          pairs += weight;
          right += risks[i] > risks[j] ? weight : risks[i] == risks[j] ? weight / 2 : 0;
        }
      }
    }
    return pairs == 0 ? OptionalDouble.empty() : OptionalDouble.of(right / pairs);
  }
}
