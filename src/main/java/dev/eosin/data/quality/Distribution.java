package dev.eosin.data.quality;

import java.util.Arrays;
import java.util.List;

/// Whole numbers at a glance.
///
/// @param count how many
/// @param bars counts of [#BARS] equally wide ranges from `least` to `most`
@SuppressWarnings("ArrayRecordComponent") // never compared by equals
public record Distribution(
    int count, int least, double mean, int median, int upper, int most, int[] bars) {
  /// Ranges of the histogram.
  public static final int BARS = 24;

  private static final double UPPER = 0.95;

  /// Of no numbers at all everything is 0.
  static Distribution of(List<Integer> numbers) {
    if (numbers.isEmpty()) {
      return new Distribution(0, 0, 0, 0, 0, 0, new int[BARS]);
    }
    int[] sorted = numbers.stream().mapToInt(Integer::intValue).sorted().toArray();
    int least = sorted[0];
    int most = sorted[sorted.length - 1];
    int[] bars = new int[BARS];
    for (int number : sorted) {
      bars[(int) ((long) (number - least) * BARS / ((long) most - least + 1))]++;
    }
    return new Distribution(
        sorted.length,
        least,
        Arrays.stream(sorted).average().orElse(0),
        sorted[sorted.length / 2],
        sorted[(int) Math.min(sorted.length - 1L, Math.round(sorted.length * UPPER))],
        most,
        bars);
  }

  @Override
  public String toString() {
    return "%d to %d, mean %.1f, median %d, 95 %% up to %d"
        .formatted(least, most, mean, median, upper);
  }
}
