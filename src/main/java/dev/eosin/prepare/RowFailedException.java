package dev.eosin.prepare;

import java.io.Serial;

/// One row could not be prepared for a reason outside, such as a service that does not answer after
/// all retries; other rows go on. Anything else that is thrown ends the run.
public final class RowFailedException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  /// @param message one line: what was asked of whom, and what came instead
  public RowFailedException(String message) {
    super(message);
  }

  public RowFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
