package dev.eosin.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/// The few functions of libtorch's C shim that TorchScript cannot express: data pointers and
/// tensors over foreign memory.
///
/// Source: `torch/csrc/inductor/aoti_torch/c/shim.h`.
final class TorchShim {
  private static final int CPU = 0;
  private final MethodHandle dataPointer;
  private final MethodHandle scalarType;
  private final MethodHandle fromMemory;

  TorchShim(Path libraryFolder) {
    Linker linker = Linker.nativeLinker();
    SymbolLookup library =
        SymbolLookup.libraryLookup(
            libraryFolder.resolve(System.mapLibraryName("torch_cpu")), Arena.global());
    dataPointer =
        linker.downcallHandle(
            library.findOrThrow("aoti_torch_get_data_ptr"),
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS));
    scalarType =
        linker.downcallHandle(
            library.findOrThrow("aoti_torch_get_dtype"),
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS));
    fromMemory =
        linker.downcallHandle(
            library.findOrThrow("aoti_torch_create_tensor_from_blob"),
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_LONG,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS));
  }

  /// The bytes of a contiguous CPU tensor.
  MemorySegment memory(long tensor, long bytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.JAVA_LONG);
      check((int) dataPointer.invokeExact(tensor, out), "aoti_torch_get_data_ptr");
      return MemorySegment.ofAddress(out.get(ValueLayout.JAVA_LONG, 0)).reinterpret(bytes);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /// libtorch's number of the tensor's element type (DJL's own call returns a number of its own).
  int scalarType(long tensor) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.JAVA_INT);
      check((int) scalarType.invokeExact(tensor, out), "aoti_torch_get_dtype");
      return out.get(ValueLayout.JAVA_INT, 0);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /// A CPU tensor over memory that it does not own.
  long overMemory(MemorySegment memory, DType dtype, long[] shape) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.JAVA_LONG);
      MemorySegment sizes = arena.allocate(ValueLayout.JAVA_LONG, Math.max(1, shape.length));
      MemorySegment strides = arena.allocate(ValueLayout.JAVA_LONG, Math.max(1, shape.length));
      long stride = 1;
      for (int i = shape.length - 1; i >= 0; i--) {
        sizes.setAtIndex(ValueLayout.JAVA_LONG, i, shape[i]);
        strides.setAtIndex(ValueLayout.JAVA_LONG, i, stride);
        stride *= shape[i];
      }
      int status =
          (int)
              fromMemory.invokeExact(
                  memory, (long) shape.length, sizes, strides, 0L, dtype.scalarType(), CPU, 0, out);
      check(status, "aoti_torch_create_tensor_from_blob");
      return out.get(ValueLayout.JAVA_LONG, 0);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  private static void check(int status, String function) {
    if (status != 0) {
      throw new IllegalStateException(function + " failed with status " + status);
    }
  }

  private static RuntimeException rethrown(Throwable e) {
    if (e instanceof Error error) {
      throw error;
    }
    return e instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(e);
  }
}
