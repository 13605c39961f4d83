package dev.eosin.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/// The few functions of libtorch that TorchScript cannot express: where and how a tensor's elements
/// lie, tensors over foreign memory, and the count of CUDA devices.
///
/// Sources: `torch/csrc/inductor/aoti_torch/c/shim.h` and `torch/csrc/api/include/torch/cuda.h`.
final class TorchShim {
  private static final int CPU = 0;

  /// `torch::cuda::device_count()`, as both compilers of libtorch's builds write it.
  private static final String DEVICE_COUNT = "_ZN5torch4cuda12device_countEv";

  private final MethodHandle dataPointer;
  private final MethodHandle scalarType;
  private final MethodHandle deviceType;
  private final MethodHandle strides;
  private final MethodHandle fromMemory;

  TorchShim(Path libraryFolder) {
    Linker linker = Linker.nativeLinker();
    SymbolLookup library = library(libraryFolder);
    dataPointer = property(library, "aoti_torch_get_data_ptr");
    scalarType = property(library, "aoti_torch_get_dtype");
    deviceType = property(library, "aoti_torch_get_device_type");
    strides = property(library, "aoti_torch_get_strides");
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

  /// A function that writes one property of a tensor to where its last argument points.
  private static MethodHandle property(SymbolLookup library, String function) {
    return Linker.nativeLinker()
        .downcallHandle(
            library.findOrThrow(function),
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS));
  }

  private static SymbolLookup library(Path folder) {
    return SymbolLookup.libraryLookup(
        folder.resolve(System.mapLibraryName("torch_cpu")), Arena.global());
  }

  /// CUDA devices that the loaded libtorch can use; 0 where it has no CUDA. libtorch itself is
  /// asked: DJL looks for a CUDA runtime under a name that neither pip's torch nor libtorch's own
  /// archive has.
  static int cudaDevices(Path libraryFolder) {
    try {
      MethodHandle count =
          Linker.nativeLinker()
              .downcallHandle(
                  library(libraryFolder).findOrThrow(DEVICE_COUNT),
                  FunctionDescriptor.of(ValueLayout.JAVA_BYTE));
      // A byte or a size_t, as the version has it: of either, the low byte is the count.
      return (byte) count.invokeExact();
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /// libtorch's switches.
  static TorchContext context(Path libraryFolder) {
    return new TorchContext(library(libraryFolder));
  }

  /// Whether a tensor's elements are in memory that this process can read.
  boolean inHostMemory(long tensor) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.JAVA_INT);
      check((int) deviceType.invokeExact(tensor, out), "aoti_torch_get_device_type");
      return out.get(ValueLayout.JAVA_INT, 0) == CPU;
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /// Elements between neighbours, one number per dimension.
  long[] strides(long tensor, int dimensions) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
      check((int) strides.invokeExact(tensor, out), "aoti_torch_get_strides");
      return out.get(ValueLayout.ADDRESS, 0)
          .reinterpret((long) dimensions * Long.BYTES)
          .toArray(ValueLayout.JAVA_LONG);
    } catch (Throwable e) {
      throw rethrown(e);
    }
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

  /// A CPU tensor over memory that it does not own, row-major.
  long overMemory(MemorySegment memory, DType dtype, long[] shape) {
    long[] steps = new long[shape.length];
    long step = 1;
    for (int i = shape.length - 1; i >= 0; i--) {
      steps[i] = step;
      step *= shape[i];
    }
    return overMemory(memory, dtype, shape, steps);
  }

  /// As above, in another order.
  long overMemory(MemorySegment memory, DType dtype, long[] shape, long[] steps) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.JAVA_LONG);
      int status =
          (int)
              fromMemory.invokeExact(
                  memory,
                  (long) shape.length,
                  numbers(arena, shape),
                  numbers(arena, steps),
                  0L,
                  dtype.scalarType(),
                  CPU,
                  0,
                  out);
      check(status, "aoti_torch_create_tensor_from_blob");
      return out.get(ValueLayout.JAVA_LONG, 0);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /// At least one, so that there is an address.
  private static MemorySegment numbers(Arena arena, long[] values) {
    return values.length == 0
        ? arena.allocate(ValueLayout.JAVA_LONG)
        : arena.allocateFrom(ValueLayout.JAVA_LONG, values);
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
