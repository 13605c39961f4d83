package dev.eosin.prepare;

import dev.eosin.config.DataException;

/// One row cannot be read; those behind it can, so that all such rows are found in one pass.
public final class BadRowException extends DataException {
  private static final long serialVersionUID = 1;

  /// @param message names the row's place and what is wrong with it
  public BadRowException(String message) {
    super(message);
  }

  BadRowException(DataException cause) {
    super(String.valueOf(cause.getMessage()), cause);
  }
}
