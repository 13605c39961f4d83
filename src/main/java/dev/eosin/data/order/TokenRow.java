package dev.eosin.data.order;

import java.util.Optional;

/// One row's ids of one kind, without padding. n ids.
///
/// @param ids `[n]`
/// @param supervised which of them a loss asks for `[n]`; empty where no loss does by token
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record TokenRow(int[] ids, Optional<boolean[]> supervised) {
  /// @throws IllegalArgumentException when the lengths differ
  public TokenRow {
    if (supervised.isPresent() && supervised.get().length != ids.length) {
      throw new IllegalArgumentException(
          "%d ids and %d marks of supervision".formatted(ids.length, supervised.get().length));
    }
  }

  /// Ids that no loss asks for by token.
  public TokenRow(int[] ids) {
    this(ids, Optional.empty());
  }
}
