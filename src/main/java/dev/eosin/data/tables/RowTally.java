package dev.eosin.data.tables;

import java.util.Arrays;
import java.util.OptionalLong;

/// Some rows of a table: how many, which of the selected ones, and where each of them is. Twelve
/// bytes a row.
final class RowTally {
  private int[] indices = new int[16];
  private long[] places = new long[16];
  private int count;

  /// @param index among the selected rows, above those before
  /// @param place the row's number in the table, from 1
  void add(int index, long place) {
    if (count == indices.length) {
      indices = Arrays.copyOf(indices, 2 * count);
      places = Arrays.copyOf(places, 2 * count);
    }
    indices[count] = index;
    places[count++] = place;
  }

  int count() {
    return count;
  }

  boolean has(int index) {
    return find(index) >= 0;
  }

  /// Where a row is, from 1; empty where it is none of these.
  OptionalLong place(int index) {
    int found = find(index);
    return found < 0 ? OptionalLong.empty() : OptionalLong.of(places[found]);
  }

  /// Which of some rows are among these, in the order in which they are asked for.
  int[] among(int[] asked) {
    return Arrays.stream(asked).filter(this::has).toArray();
  }

  private int find(int index) {
    return Arrays.binarySearch(indices, 0, count, index);
  }
}
