package dev.eosin.clip.stored;

import dev.eosin.config.DataException;
import java.io.Serial;

/// Weights that a recipe names are those of another model than it describes.
public final class OtherArchitecture extends DataException {
  @Serial private static final long serialVersionUID = 1L;

  /// @param message which weights, in what the architectures differ, and how to mend it
  OtherArchitecture(String message) {
    super(message);
  }
}
