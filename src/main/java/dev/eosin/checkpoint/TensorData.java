package dev.eosin.checkpoint;

import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/// The contents of one stored tensor: row-major, contiguous, little-endian.
///
/// Lives as long as the segment's arena: for a tensor of a [SafetensorsFile], until that file is
/// closed. A segment of a mapped file is read-only.
///
/// @param type of the elements
/// @param shape sizes of the dimensions, outermost first; empty for a scalar
/// @param bytes the elements, exactly `elements() * type.bytes()` bytes
public record TensorData(StoredType type, List<Long> shape, MemorySegment bytes) {
  static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /// @throws IllegalArgumentException when the bytes do not fit type and shape
  public TensorData {
    shape = List.copyOf(shape);
    long expected = Math.multiplyExact(elements(shape), type.bytes());
    if (bytes.byteSize() != expected) {
      throw new IllegalArgumentException(
          "%s of shape %s takes %d bytes, got %d"
              .formatted(type, shape, expected, bytes.byteSize()));
    }
  }

  /// An F32 tensor over `values`, which are not copied.
  public static TensorData of(float[] values, long... shape) {
    return new TensorData(StoredType.F32, listOf(shape), MemorySegment.ofArray(values));
  }

  /// An F32 tensor over what a direct buffer of this machine's byte order has between its position
  /// and its limit, valid while nobody writes there.
  public static TensorData of(FloatBuffer values, long... shape) {
    return new TensorData(StoredType.F32, listOf(shape), MemorySegment.ofBuffer(values));
  }

  /// An fp32 tensor: a view of its memory on a CPU, valid while the tensor is open; a copy from a
  /// GPU.
  public static TensorData of(Tensor tensor) {
    if (tensor.dtype() != DType.FLOAT32) {
      throw new IllegalArgumentException("an fp32 tensor is expected, found " + tensor);
    }
    return switch (tensor.engine().device()) {
      case Device.Cpu() ->
          new TensorData(
              StoredType.F32,
              Arrays.stream(tensor.shape()).boxed().toList(),
              tensor.segment().asReadOnly());
      case Device.Cuda(int index) -> of(tensor.toFloats(), tensor.shape());
    };
  }

  /// A view of a floating tensor that lies in the CPU's memory, valid while it is open.
  public static TensorData ofHost(Tensor tensor) {
    TensorData over = over(tensor);
    return new TensorData(over.type, over.shape, over.bytes.asReadOnly());
  }

  /// The same view, through which the tensor is written.
  public static TensorData over(Tensor tensor) {
    StoredType type =
        switch (tensor.dtype()) {
          case FLOAT64 -> StoredType.F64;
          case FLOAT32 -> StoredType.F32;
          case FLOAT16 -> StoredType.F16;
          case BFLOAT16 -> StoredType.BF16;
          case UINT8, INT8, INT32, INT64, BOOL ->
              throw new IllegalArgumentException("a floating tensor is expected, found " + tensor);
        };
    return new TensorData(type, Arrays.stream(tensor.shape()).boxed().toList(), tensor.segment());
  }

  /// An I64 tensor over `values`, which are not copied.
  public static TensorData of(long[] values, long... shape) {
    return new TensorData(StoredType.I64, listOf(shape), MemorySegment.ofArray(values));
  }

  /// A BOOL tensor of one element [1].
  public static TensorData of(boolean value) {
    byte[] one = {(byte) (value ? 1 : 0)};
    return new TensorData(StoredType.BOOL, List.of(1L), MemorySegment.ofArray(one));
  }

  /// Entry `index` of the first dimension [1,...]; the same memory.
  public TensorData row(long index) {
    long size = bytes.byteSize() / shape.getFirst();
    List<Long> one = new ArrayList<>(shape);
    one.set(0, 1L);
    return new TensorData(type, one, bytes.asSlice(index * size, size));
  }

  /// Entries of the first dimension, neighbours [count,...]; the same memory.
  public TensorData rows(long first, long count) {
    long size = bytes.byteSize() / shape.getFirst();
    List<Long> some = new ArrayList<>(shape);
    some.set(0, count);
    return new TensorData(type, some, bytes.asSlice(first * size, count * size));
  }

  /// The fp32 numbers as a tensor of an engine: in place on a CPU, where nothing may write them; a
  /// copy on a GPU. The caller closes it.
  ///
  /// @param owner of the memory, which stays reachable as long as the tensor
  public Tensor on(Engine engine, Object owner) {
    if (type != StoredType.F32) {
      throw new IllegalArgumentException("is " + type + ", fp32 is expected");
    }
    return switch (engine.device()) {
      case Device.Cpu() -> engine.mapped(bytes, DType.FLOAT32, owner, dimensions());
      case Device.Cuda _ -> engine.copied(bytes, DType.FLOAT32, dimensions());
    };
  }

  /// Overwrites the elements.
  ///
  /// @param other of the same type and number of elements
  public void set(TensorData other) {
    if (other.type != type || other.bytes.byteSize() != bytes.byteSize()) {
      throw new IllegalArgumentException(
          "%s %s for %s %s".formatted(other.type, other.shape, type, shape));
    }
    bytes.copyFrom(other.bytes);
  }

  /// Number of elements: the product of the shape, 1 for a scalar.
  public long elements() {
    return elements(shape);
  }

  /// Gives back the memory that holds pages of a mapped file; reading on brings them in again. A
  /// model that is loaded tensor by tensor would otherwise be in memory twice.
  public void unload() {
    if (bytes.isMapped() && bytes.byteSize() > 0) {
      bytes.unload();
    }
  }

  /// The shape as an array of its own.
  public long[] dimensions() {
    return shape.stream().mapToLong(Long::longValue).toArray();
  }

  /// All elements as fp32: F16 and BF16 widened exactly, F64 rounded to nearest.
  ///
  /// @throws IllegalArgumentException when the elements are no floating-point numbers, or more than
  ///   one array holds
  public float[] floats() {
    requireFloating();
    float[] values = new float[arrayLength()];
    if (type == StoredType.F32) {
      MemorySegment.copy(bytes, FLOAT, 0, values, 0, values.length);
      return values;
    }
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) floatingAt(i);
    }
    return values;
  }

  /// As [#floats()]; where the tensor lies over an array of fp32, that array, which is not to be
  /// written.
  public float[] sharedFloats() {
    return type == StoredType.F32
            && bytes.heapBase().orElse(null) instanceof float[] values
            && values.length == elements()
        ? values
        : floats();
  }

  /// Some elements of an F32 tensor.
  ///
  /// @param from the first
  /// @param to array that they go to
  /// @param at place of the first there
  /// @throws IllegalArgumentException when the elements are other numbers
  public void copy(long from, float[] to, int at, int count) {
    if (type != StoredType.F32) {
      throw new IllegalArgumentException("elements of F32 are expected, found " + type);
    }
    MemorySegment.copy(bytes, FLOAT, from * Float.BYTES, to, at, count);
  }

  /// All elements as fp64, exactly.
  ///
  /// @throws IllegalArgumentException as [#floats()]
  public double[] doubles() {
    requireFloating();
    double[] values = new double[arrayLength()];
    for (int i = 0; i < values.length; i++) {
      values[i] = floatingAt(i);
    }
    return values;
  }

  /// All elements of an integer or boolean tensor; U8 is unsigned, BOOL is 0 or 1.
  ///
  /// @throws IllegalArgumentException when the elements are floating-point numbers, or more than
  ///   one array holds
  public long[] longs() {
    if (type.isFloating()) {
      throw new IllegalArgumentException("is " + type + ", expected whole numbers");
    }
    long[] values = new long[arrayLength()];
    for (int i = 0; i < values.length; i++) {
      values[i] = wholeAt(i);
    }
    return values;
  }

  /// One element by its row-major index, exactly.
  ///
  /// @throws IllegalArgumentException when the elements are no floating-point numbers
  public double floatingAt(long index) {
    return switch (type) {
      case F64 -> bytes.getAtIndex(DOUBLE, index);
      case F32 -> bytes.getAtIndex(FLOAT, index);
      case F16 -> Float.float16ToFloat(bytes.getAtIndex(SHORT, index));
      case BF16 -> Float.intBitsToFloat(bytes.getAtIndex(SHORT, index) << 16);
      case I64, I32, I16, I8, U8, BOOL ->
          throw new IllegalArgumentException("is " + type + ", expected floating-point numbers");
    };
  }

  private long wholeAt(long index) {
    return switch (type) {
      case I64 -> bytes.getAtIndex(LONG, index);
      case I32 -> bytes.getAtIndex(INT, index);
      case I16 -> bytes.getAtIndex(SHORT, index);
      case I8 -> bytes.get(ValueLayout.JAVA_BYTE, index);
      case U8 -> Byte.toUnsignedLong(bytes.get(ValueLayout.JAVA_BYTE, index));
      case BOOL -> bytes.get(ValueLayout.JAVA_BYTE, index) == 0 ? 0 : 1;
      case F64, F32, F16, BF16 -> throw new AssertionError(type);
    };
  }

  private void requireFloating() {
    if (!type.isFloating()) {
      throw new IllegalArgumentException("is " + type + ", expected floating-point numbers");
    }
  }

  private int arrayLength() {
    if (elements() > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException("has " + elements() + " elements: too many for one array");
    }
    return (int) elements();
  }

  private static long elements(List<Long> shape) {
    return shape.stream().mapToLong(Long::longValue).reduce(1, Math::multiplyExact);
  }

  private static List<Long> listOf(long[] shape) {
    return LongStream.of(shape).boxed().toList();
  }
}
