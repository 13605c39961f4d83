package dev.eosin.language;

import dev.eosin.config.Doc;
import dev.eosin.config.Named;

/// What becomes of a frozen model's weights.
@Doc("What becomes of a frozen model's weights.")
public enum Base {
  /// Used in place in their files, in the type that they have there.
  @Named("mapped")
  MAPPED,
  /// Copied to fp32, which takes twice the memory of bf16 and is exact.
  @Named("converted")
  CONVERTED
}
