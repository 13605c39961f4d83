package dev.eosin.prepare;

import java.io.IOException;

/// What became of every row. Asked in row order, in each pass once for every row. Used by one
/// thread.
@FunctionalInterface
public interface RowOutcomes {
  /// @param position of the row, from 0
  /// @param key of the row
  RowPreparation.Outcome outcome(int position, String key) throws IOException;
}
