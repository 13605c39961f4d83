package dev.eosin.eval.activations;

import dev.eosin.checkpoint.StoredType;
import java.nio.ByteBuffer;

/// In what numbers states are kept.
public enum NumberType {
  /// 32 bits.
  FP32(StoredType.F32),
  /// 16 bits, up to 65,504.
  FP16(StoredType.F16);

  private final StoredType stored;

  NumberType(StoredType stored) {
    this.stored = stored;
  }

  StoredType stored() {
    return stored;
  }

  /// Adds a number; what is too large for it becomes infinite.
  ///
  /// @return whether it stayed finite
  public boolean put(ByteBuffer bytes, float value) {
    return switch (this) {
      case FP32 -> {
        bytes.putFloat(value);
        yield Float.isFinite(value);
      }
      case FP16 -> {
        short half = Float.floatToFloat16(value);
        bytes.putShort(half);
        yield Float.isFinite(Float.float16ToFloat(half));
      }
    };
  }
}
