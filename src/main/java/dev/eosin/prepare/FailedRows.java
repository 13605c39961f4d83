package dev.eosin.prepare;

import dev.eosin.checkpoint.Quote;
import dev.eosin.config.DataException;
import dev.eosin.prepare.PreparationSettings.Failed;
import dev.eosin.prepare.RowPreparation.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/// The rows of a run that failed, and what becomes of them. Thread safe.
final class FailedRows {
  /// The reason of rows that are left out because they failed.
  static final String REASON = "failed";

  private static final int MOST_NOTED = 5;

  /// Of a reason: it ends with what mends it.
  private static final int LONGEST = 500;

  private final PreparationSettings settings;
  private final Ledger ledger;

  /// By position: rows that are at work side by side fail in any order.
  private final NavigableMap<Integer, String> notes = new TreeMap<>();

  private final List<FailedRow> toReject = new ArrayList<>();
  private long failed;
  private int inARow;

  FailedRows(PreparationSettings settings, Ledger ledger) {
    this.settings = settings;
    this.ledger = ledger;
  }

  private record FailedRow(int position, String key, String reason) {}

  synchronized void add(int position, Row row, RowFailedException e) {
    String reason = String.valueOf(e.getMessage());
    failed++;
    inARow++;
    notes.put(
        position,
        "%s, key %s, failed: %s"
            .formatted(row.place(), Quote.of(row.key()), Quote.line(reason, LONGEST)));
    if (notes.size() > MOST_NOTED) {
      notes.pollLastEntry();
    }
    if (settings.failed() == Failed.REJECT) {
      toReject.add(new FailedRow(position, row.key(), reason));
    }
  }

  /// Another row did not fail: those before it did for reasons of their own.
  void succeeded() throws DataException {
    synchronized (this) {
      inARow = 0;
    }
    reject();
  }

  /// Leaves out for good what failed so far, where the settings say so. Only once a row succeeded,
  /// or all is done: rows that fail because something else is wrong stay open.
  void reject() throws DataException {
    List<FailedRow> rows;
    synchronized (this) {
      rows = List.copyOf(toReject);
      toReject.clear();
    }
    for (FailedRow row : rows) {
      ledger.ended(row.position(), row.key(), new Outcome.Rejected(REASON, row.reason()));
    }
  }

  /// Whether so many rows in a row failed that the run ends.
  synchronized boolean areTooMany() {
    return inARow >= settings.failuresInARow();
  }

  synchronized long count() {
    return failed;
  }

  /// The first few of the table by name.
  synchronized List<String> notes() {
    List<String> all = new ArrayList<>(notes.values());
    if (failed > MOST_NOTED) {
      all.add("%d rows failed in this run".formatted(failed));
    }
    return all;
  }
}
