package dev.eosin.config;

import java.io.Serial;

/// This machine lacks what was asked for, such as a GPU or its library: exit code 1.
///
/// The message says what was asked for, what was found, and how to mend it.
public final class MachineException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  public MachineException(String message) {
    super(message);
  }
}
