package dev.eosin.prepare;

import java.util.List;

/// What a run did.
///
/// @param end why it ended
/// @param funnel of all rows; what the assembly rejects is in it once everything is finished
/// @param spent by all runs of the preparation
/// @param notes what a user should know, one line each
public record PreparationReport(End end, Funnel funnel, Cost spent, List<String> notes) {
  public PreparationReport {
    notes = List.copyOf(notes);
  }

  /// Why a run ended. Only the first two have outputs.
  public enum End {
    /// The outputs are written.
    FINISHED,
    /// An earlier run had finished; nothing was changed.
    UNCHANGED,
    /// It was asked to stop.
    STOPPED,
    /// The budget is spent.
    BUDGET_SPENT,
    /// Rows failed and wait for the next run.
    ROWS_OPEN,
    /// So many rows in a row failed that something else is wrong.
    FAILING
  }
}
