package dev.eosin.prepare;

import dev.eosin.config.DataException;
import java.util.Optional;

/// The rows that have no outcome, in their order. Used by one thread.
final class OpenRows {
  private final Rows rows;
  private final Ledger ledger;
  private int next;

  /// @param rows all of them, from the first
  OpenRows(Rows rows, Ledger ledger) {
    this.rows = rows;
    this.ledger = ledger;
  }

  /// A row with its number among all.
  record OpenRow(int position, Row row) {}

  /// The next one; empty behind the last.
  Optional<OpenRow> next() throws DataException {
    for (Optional<Row> row = rows.next(); row.isPresent(); row = rows.next()) {
      int position = next++;
      if (!ledger.isDone(position)) {
        return Optional.of(new OpenRow(position, row.get()));
      }
    }
    return Optional.empty();
  }
}
