package dev.eosin.slide;

import dev.eosin.config.DataException;
import java.io.Serial;

/// A slide of a format that is not read here, which OpenSlide may read.
final class UnreadFormatException extends DataException {
  @Serial private static final long serialVersionUID = 1L;

  UnreadFormatException(String message) {
    super(message);
  }
}
