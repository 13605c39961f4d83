package dev.eosin.data.tables;

import dev.eosin.config.DataException;
import dev.eosin.data.FlawedRows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The flawed rows of a table: how many, and where each of them is, twelve bytes a row.
final class FlawTally {
  private static final int SHOWN = 3;
  private final String table;
  private final String unit;
  private final List<String> first = new ArrayList<>();
  private int[] indices = new int[16];
  private long[] places = new long[16];
  private int count;

  /// @param table names the table in messages
  /// @param unit what its rows are counted in
  FlawTally(String table, String unit) {
    this.table = table;
    this.unit = unit;
  }

  /// @param index among the selected rows, above those before
  /// @param place the row's number in the table, from 1
  void add(int index, long place, RowFlaw flaw) {
    if (count == indices.length) {
      indices = Arrays.copyOf(indices, 2 * count);
      places = Arrays.copyOf(places, 2 * count);
    }
    indices[count] = index;
    places[count++] = place;
    if (first.size() < SHOWN) {
      first.add("%s %d (%s)".formatted(unit, place, flaw.detail()));
    }
  }

  FlawedRows rows() {
    return new FlawedRows(count, first);
  }

  /// Says what is wrong with a row and where it is.
  String describe(long index, RowFlaw flaw) {
    int found = Arrays.binarySearch(indices, 0, count, Math.toIntExact(index));
    String where = found < 0 ? table : "%s: %s %d".formatted(table, unit, places[found]);
    return where + ": " + flaw.detail();
  }

  /// @param rows of the table
  /// @throws DataException when every row is flawed
  void throwIfAll(long rows) throws DataException {
    if (rows > 0 && count == rows) {
      throw new DataException(
          "%s: none of the %d rows is whole, for example %s"
              .formatted(table, rows, first.getFirst()));
    }
  }
}
