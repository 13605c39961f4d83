package dev.eosin.language.stored;

import dev.eosin.language.spec.T5Gate;

/// Which GELU a T5 of v1.1's kind computes.
public enum T5Gelu {
  /// The function itself, as LAVIS sets it on FlanT5.
  EXACT,
  /// Its tanh form, as FlanT5's own description has it.
  TANH;

  T5Gate gate() {
    return switch (this) {
      case EXACT -> T5Gate.EXACT;
      case TANH -> T5Gate.TANH;
    };
  }
}
