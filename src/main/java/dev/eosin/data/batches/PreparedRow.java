package dev.eosin.data.batches;

import dev.eosin.data.order.Preparation;
import java.util.Optional;

/// What became of one position of the sample stream.
sealed interface PreparedRow {
  /// A row for the batch.
  ///
  /// @param bad the sample that it stands in for, where it is a stand-in
  record Ready(Batch.Row row, Preparation.Prepared inputs, Optional<BadRow> bad)
      implements PreparedRow {}

  /// No row: neither the sample nor any stand-in could be read.
  record Unreadable(BadRow bad) implements PreparedRow {}
}
