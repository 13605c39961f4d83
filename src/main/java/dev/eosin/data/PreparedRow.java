package dev.eosin.data;

import dev.eosin.image.RgbImage;
import java.util.Optional;

/// What became of one position of the sample stream.
sealed interface PreparedRow {
  /// A row for the batch.
  ///
  /// @param ids without padding
  /// @param bad the sample that it stands in for, where it is a stand-in
  @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
  record Ready(Batch.Row row, RgbImage tile, int[] ids, Optional<BadRow> bad)
      implements PreparedRow {}

  /// No row: neither the sample nor any stand-in could be read.
  record Unreadable(BadRow bad) implements PreparedRow {}
}
