package dev.eosin.data.tables;

import dev.eosin.config.DataException;
import dev.eosin.data.OneLine;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What is wrong with the rows of a table: how many rows of each kind, and where the first ones
/// are.
final class RowProblems {
  private static final int SHOWN = 5;
  private final String unit;
  private final Map<String, Rows> kinds = new LinkedHashMap<>();

  /// @param unit what rows are counted in: `line`, `record`, `row`
  RowProblems(String unit) {
    this.unit = unit;
  }

  private static final class Rows {
    private long count;
    private final List<String> first = new ArrayList<>();
  }

  /// @param kind completes "3 rows ...", for example "without an image path"
  /// @param place the row's number in the table, from 1
  void add(String kind, long place) {
    Rows rows = kinds.computeIfAbsent(kind, key -> new Rows());
    rows.count++;
    if (rows.first.size() < SHOWN) {
      rows.first.add(Long.toString(place));
    }
  }

  /// @param table names the table in the message
  /// @param besides what would have been accepted alone
  /// @param hints what else may be at fault, one line each
  /// @throws DataException with every kind of problem, when there is one
  void throwIfAny(Object table, List<RowProblems> besides, List<String> hints)
      throws DataException {
    if (kinds.isEmpty()) {
      return;
    }
    List<String> messages = new ArrayList<>(told());
    besides.forEach(others -> messages.addAll(others.told()));
    messages.addAll(hints);
    throw new DataException(table + ": " + String.join("; ", messages));
  }

  /// Every kind of problem with its number of rows and the first of them.
  List<String> told() {
    return kinds.entrySet().stream().map(kind -> describe(kind.getKey(), kind.getValue())).toList();
  }

  private String describe(String kind, Rows rows) {
    return "%d %s %s (%s %s%s)"
        .formatted(
            rows.count,
            rows.count == 1 ? "row" : "rows",
            OneLine.of(kind),
            unit,
            String.join(", ", rows.first),
            rows.count > SHOWN ? ", ..." : "");
  }
}
