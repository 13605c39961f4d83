package dev.eosin.bench;

import dev.eosin.language.stored.Base;
import java.util.Locale;

/// What becomes of the weights of a frozen model that is measured, as a command line names it.
public enum FrozenBase {
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
