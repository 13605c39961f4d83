package dev.eosin.data;

import dev.eosin.config.DataException;

/// Hears why a training would refuse data that could be looked at all the same.
@FunctionalInterface
public interface Refusals {
  /// What a training does: it does not start.
  Refusals THROWN =
      reason -> {
        throw new DataException(reason);
      };

  /// @param reason names the table or the part, what is wrong, and how to mend it
  /// @throws DataException where nothing is to be looked at then
  void refuse(String reason) throws DataException;
}
