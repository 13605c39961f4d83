package dev.eosin.caption;

import java.io.IOException;
import java.io.Serial;

/// One question has no answer: the service failed too often, or refuses this question alone. Others
/// may still be answered.
public final class NoAnswerException extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  NoAnswerException(String message) {
    super(message);
  }
}
