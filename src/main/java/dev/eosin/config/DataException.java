package dev.eosin.config;

import java.io.IOException;

/// A data set, checkpoint or other file cannot be read or written: exit code 3.
///
/// The message is one line that a user can act on: the file (and tensor, row or column in it), what
/// was found, what was expected, and how to mend it where that is known.
public class DataException extends IOException {
  public DataException(String message) {
    super(message);
  }

  public DataException(String message, Throwable cause) {
    super(message, cause);
  }
}
