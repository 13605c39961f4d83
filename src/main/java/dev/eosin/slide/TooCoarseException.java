package dev.eosin.slide;

import dev.eosin.config.DataException;
import java.io.Serial;

/// The pixels of a slide are larger than those of the tiles that are to be cut of it.
public final class TooCoarseException extends DataException {
  @Serial private static final long serialVersionUID = 1L;

  TooCoarseException(String message) {
    super(message);
  }
}
