package dev.eosin.run.models;

import dev.eosin.language.stored.Base;
import java.util.Locale;

/// What becomes of the weights of a language model, as a command line names it.
public enum BaseChoice {
  /// Used in place.
  MAPPED,
  /// Copied to fp32.
  CONVERTED,
  /// Linears rounded to int8.
  INT8;

  Base base() {
    return switch (this) {
      case MAPPED -> Base.MAPPED;
      case CONVERTED -> Base.CONVERTED;
      case INT8 -> Base.INT8;
    };
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
