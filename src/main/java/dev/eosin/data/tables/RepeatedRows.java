package dev.eosin.data.tables;

import dev.eosin.data.SamplePlace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/// Rows of a table that come again. Each is a sample of its own; this is so that it can be told.
///
/// @param rows of the table
/// @param copies rows whose images and words an earlier row has
/// @param others rows whose images an earlier row has, with other words
/// @param first the first copy; -1 where there is none
record RepeatedRows(int rows, int copies, int others, int first) {
  private static final String TOLD_APART = "where samples of a batch are told apart, ";

  /// @param places where the rows' images lie
  /// @param words of the same rows, as numbers that are equal for equal words
  /// @param bad rows that are no samples, and so no copies of any
  static RepeatedRows of(long[] places, long[] words, IntPredicate bad) {
    int[] whole = IntStream.range(0, places.length).filter(bad.negate()).toArray();
    long[] pairs =
        Arrays.stream(whole).mapToLong(row -> SamplePlace.of(places[row], words[row])).toArray();
    long[] sorted = pairs.clone();
    Arrays.sort(sorted);
    int distinct = distinct(sorted);
    int first = whole.length == distinct ? -1 : whole[first(pairs, sorted)];
    int images = distinct(Arrays.stream(whole).mapToLong(row -> places[row]).sorted().toArray());
    return new RepeatedRows(places.length, whole.length - distinct, distinct - images, first);
  }

  private static int distinct(long[] sorted) {
    return (int)
        IntStream.range(0, sorted.length).filter(i -> i == 0 || sorted[i] != sorted[i - 1]).count();
  }

  /// The first that an earlier one equals, where some are equal.
  private static int first(long[] pairs, long[] sorted) {
    Set<Long> seen = new HashSet<>();
    for (int row = 0; row < pairs.length; row++) {
      int at = Arrays.binarySearch(sorted, pairs[row]);
      boolean twice =
          at > 0 && sorted[at - 1] == pairs[row]
              || at + 1 < sorted.length && sorted[at + 1] == pairs[row];
      if (twice && !seen.add(pairs[row])) {
        return row;
      }
    }
    throw new IllegalArgumentException("all of them differ");
  }

  /// What a user should know of them, a line for each kind.
  ///
  /// @param table names the table
  /// @param captioned whether rows are images with captions: several questions about one image are
  ///   as they should be
  /// @param name of the row at an index
  List<String> notes(String table, boolean captioned, IntFunction<String> name) {
    List<String> notes = new ArrayList<>();
    if (copies > 0) {
      notes.add(
          "%s: %d of %d rows repeat an earlier one (same image, same words), for example %s; each counts as a sample, and %seach copy is a wrong answer to the others"
              .formatted(table, copies, rows, name.apply(first), TOLD_APART));
    }
    if (others > 0 && captioned) {
      notes.add(
          "%s: %d of %d rows have the image of an earlier one with other words; %sthey are wrong answers to each other, but by loss.positives: same-image"
              .formatted(table, others, rows, TOLD_APART));
    }
    return notes;
  }
}
