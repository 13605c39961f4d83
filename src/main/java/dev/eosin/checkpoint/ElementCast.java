package dev.eosin.checkpoint;

import dev.eosin.config.DataException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.LongToDoubleFunction;

/// Floating-point tensors in another element type, rounded to nearest, ties to even.
public final class ElementCast {
  private ElementCast() {}

  /// A tensor of a file in another type; in its own type, unchanged.
  ///
  /// @throws DataException naming the file and the tensor when a finite number is too large for the
  ///   type, or the tensor holds no floating-point numbers
  public static TensorData of(StoredTensors file, String name, StoredType type)
      throws DataException {
    TensorData data = file.entry(name);
    if (data.type() == type) {
      return data;
    }
    try {
      return of(data.shape(), type, data::floatingAt);
    } catch (IllegalArgumentException e) {
      throw new DataException(
          "%s: tensor %s %s".formatted(file.path(), Quote.of(name), e.getMessage()), e);
    }
  }

  /// A tensor from numbers by row-major index.
  ///
  /// @throws IllegalArgumentException when a finite number is too large for the type
  public static TensorData of(List<Long> shape, StoredType type, LongToDoubleFunction values) {
    long elements = shape.stream().mapToLong(Long::longValue).reduce(1, Math::multiplyExact);
    MemorySegment to = Arena.ofAuto().allocate(Math.max(1, elements * type.bytes()), 64);
    for (long i = 0; i < elements; i++) {
      double value = values.applyAsDouble(i);
      if (!put(to, i, type, value) && Double.isFinite(value)) {
        throw new IllegalArgumentException(
            "holds %s, too large for %s; take bf16 or fp32".formatted(value, type));
      }
    }
    return new TensorData(type, shape, to.asSlice(0, elements * type.bytes()));
  }

  /// Stores a number; false when what is stored is not finite.
  private static boolean put(MemorySegment to, long index, StoredType type, double value) {
    float single = (float) value;
    return switch (type) {
      case F64 -> {
        to.setAtIndex(TensorData.DOUBLE, index, value);
        yield Double.isFinite(value);
      }
      case F32 -> {
        to.setAtIndex(TensorData.FLOAT, index, single);
        yield Float.isFinite(single);
      }
      case F16 -> {
        short half = Float.floatToFloat16(single);
        to.setAtIndex(TensorData.SHORT, index, half);
        yield Float.isFinite(Float.float16ToFloat(half));
      }
      case BF16 -> {
        short brain = brain(single);
        to.setAtIndex(TensorData.SHORT, index, brain);
        yield Float.isFinite(Float.intBitsToFloat(brain << 16));
      }
      case I64, I32, I16, I8, U8, BOOL ->
          throw new IllegalArgumentException("cannot become " + type);
    };
  }

  private static short brain(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      // Rounding could carry a NaN's digits over into infinity.
      return (short) (bits >>> 16 | 0x40);
    }
    return (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
  }
}
