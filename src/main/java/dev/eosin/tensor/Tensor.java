package dev.eosin.tensor;

import ai.djl.pytorch.jni.LibtorchBridge;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A libtorch tensor with an explicit lifetime: whoever receives one closes it, or hands it to a
/// [Scope].
///
/// Using a closed tensor throws [IllegalStateException]; it never reaches libtorch. Not thread safe
/// in its lifetime: one owner closes it, after every reader is done.
public final class Tensor implements AutoCloseable {
  private final Engine engine;
  private long handle;
  private long @Nullable [] shape;
  private @Nullable DType dtype;
  private @Nullable Object memory;
  private boolean frozen;

  Tensor(Engine engine, long handle) {
    this.engine = engine;
    this.handle = handle;
    engine.opened();
  }

  /// Keeps `owner` of this tensor's memory (a mapped file, an arena) reachable as long as the
  /// tensor is, and freezes it.
  Tensor over(Object owner) {
    memory = owner;
    frozen = true;
    return this;
  }

  /// From now on [Kernels#run] refuses to write it, and [#segment] can be read only.
  void freeze() {
    frozen = true;
  }

  boolean isFrozen() {
    return frozen;
  }

  long handle() {
    if (handle == 0) {
      throw new IllegalStateException("this tensor is closed");
    }
    return handle;
  }

  public Engine engine() {
    return engine;
  }

  /// Sizes, outermost first; a scalar has none.
  public long[] shape() {
    long[] known = shape;
    if (known == null) {
      known = LibtorchBridge.shape(handle());
      shape = known;
    }
    return known.clone();
  }

  /// The size of one dimension; a negative one counts from the end.
  public long size(int dimension) {
    long[] sizes = shape();
    return sizes[dimension < 0 ? sizes.length + dimension : dimension];
  }

  /// Number of elements.
  public long elements() {
    return Arrays.stream(shape()).reduce(1, Math::multiplyExact);
  }

  public DType dtype() {
    DType known = dtype;
    if (known == null) {
      known = DType.ofScalarType(engine.shim().scalarType(handle()));
      dtype = known;
    }
    return known;
  }

  /// A copy of the values as fp32, in row-major order, from any floating type and device.
  public float[] toFloats() {
    try (Tensor host = engine.kernels().one("to_host", this, DType.FLOAT32.scalarType())) {
      return host.segment().toArray(ValueLayout.JAVA_FLOAT);
    }
  }

  /// The single value of a one-element tensor.
  public float toFloat() {
    if (elements() != 1) {
      throw new IllegalArgumentException("one element expected, found " + Arrays.toString(shape()));
    }
    return toFloats()[0];
  }

  /// A copy of the values as int64, in row-major order.
  public long[] toLongs() {
    try (Tensor host = engine.kernels().one("to_host", this, DType.INT64.scalarType())) {
      return host.segment().toArray(ValueLayout.JAVA_LONG);
    }
  }

  /// Elements between neighbours of each dimension, as they lie in memory.
  public long[] strides() {
    return engine.shim().strides(handle(), shape().length);
  }

  /// The memory of a contiguous CPU tensor; valid while the tensor is open. Read-only where the
  /// tensor lies over a mapped file.
  ///
  /// @throws IllegalStateException for a tensor of a GPU, whose address would end the process, and
  ///   for one whose elements lie in another order
  public MemorySegment segment() {
    if (!engine.shim().inHostMemory(handle())) {
      throw new IllegalStateException(
          this + " lies on " + engine.device().torchName() + ": copy it to the host first");
    }
    if (!isContiguous()) {
      throw new IllegalStateException(
          this + " has strides " + Arrays.toString(strides()) + ": copy it first");
    }
    MemorySegment all = engine.shim().memory(handle(), elements() * dtype().bytes());
    return frozen ? all.asReadOnly() : all;
  }

  /// Where the elements of a contiguous tensor begin, on whatever device: for libraries that
  // compute
  /// there. Valid while the tensor is open.
  ///
  /// @throws IllegalStateException for a tensor whose elements lie in another order
  public MemorySegment address() {
    if (!isContiguous()) {
      throw new IllegalStateException(
          this + " has strides " + Arrays.toString(strides()) + ": copy it first");
    }
    return engine.shim().memory(handle(), 0);
  }

  /// Dimensions of one element may have any stride.
  private boolean isContiguous() {
    long[] sizes = shape();
    long[] steps = strides();
    long expected = 1;
    for (int i = sizes.length - 1; i >= 0; i--) {
      if (sizes[i] > 1 && steps[i] != expected) {
        return elements() == 0;
      }
      expected *= sizes[i];
    }
    return true;
  }

  /// A contiguous copy of the values in CPU memory, in this type; the caller's to close.
  public Tensor hostCopy() {
    return engine.kernels().one("to_host_copy", this);
  }

  /// Deletes the handle; libtorch frees the memory with its last reference. Closing twice does
  /// nothing.
  @Override
  public void close() {
    if (handle != 0) {
      LibtorchBridge.deleteTensor(handle);
      handle = 0;
      memory = null;
      engine.closed();
    }
  }

  @Override
  public String toString() {
    return handle == 0 ? "closed tensor" : dtype() + " " + Arrays.toString(shape());
  }
}
