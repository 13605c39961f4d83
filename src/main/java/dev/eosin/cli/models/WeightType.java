package dev.eosin.cli.models;

import dev.eosin.checkpoint.StoredType;
import java.util.Locale;

/// Number formats of written weights, as the command line names them.
enum WeightType {
  FP32(StoredType.F32),
  BF16(StoredType.BF16),
  FP16(StoredType.F16);

  private final StoredType stored;

  WeightType(StoredType stored) {
    this.stored = stored;
  }

  StoredType stored() {
    return stored;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
