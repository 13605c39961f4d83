package dev.eosin.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/// The functions of the CUDA runtime that libtorch passes on to nobody.
///
/// Source: `cuda_runtime_api.h`.
///
/// @param library the runtime's functions
record CudaRuntime(SymbolLookup library) {
  /// The one that libtorch computes with; empty where it has none.
  ///
  /// @param libraryFolder with libtorch; looking a name up in it finds the CUDA runtime that it
  ///   needs
  static Optional<CudaRuntime> of(Path libraryFolder) {
    Path torch = libraryFolder.resolve(System.mapLibraryName("torch_cuda"));
    return Files.exists(torch)
        ? Optional.of(new CudaRuntime(SymbolLookup.libraryLookup(torch, Arena.global())))
        : Optional.empty();
  }

  /// Free bytes of a GPU; the first call makes CUDA's own context there, whose memory is taken
  /// then. Empty where the runtime does not tell. This thread's current device stays what it was.
  OptionalLong freeMemory(int index) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment before = arena.allocate(ValueLayout.JAVA_INT);
      require((int) function("cudaGetDevice", ValueLayout.ADDRESS).invokeExact(before));
      MethodHandle choose = function("cudaSetDevice", ValueLayout.JAVA_INT);
      require((int) choose.invokeExact(index));
      MemorySegment free = arena.allocate(ValueLayout.JAVA_LONG);
      MemorySegment total = arena.allocate(ValueLayout.JAVA_LONG);
      int status =
          (int)
              function("cudaMemGetInfo", ValueLayout.ADDRESS, ValueLayout.ADDRESS)
                  .invokeExact(free, total);
      require((int) choose.invokeExact(before.get(ValueLayout.JAVA_INT, 0)));
      require(status);
      return OptionalLong.of(free.get(ValueLayout.JAVA_LONG, 0));
    } catch (Throwable e) {
      if (e instanceof Error error) {
        throw error;
      }
      return OptionalLong.empty();
    }
  }

  /// Keeps memory in place, so that GPUs copy from it by themselves; empty where the runtime does
  /// not.
  ///
  /// @return what lets go of it
  Optional<Runnable> pin(MemorySegment memory) {
    try {
      int status =
          (int)
              function(
                      "cudaHostRegister",
                      ValueLayout.ADDRESS,
                      ValueLayout.JAVA_LONG,
                      ValueLayout.JAVA_INT)
                  .invokeExact(memory, memory.byteSize(), 0);
      require(status);
      return Optional.of(() -> unpin(memory));
    } catch (Throwable e) {
      if (e instanceof Error error) {
        throw error;
      }
      return Optional.empty();
    }
  }

  private void unpin(MemorySegment memory) {
    try {
      require((int) function("cudaHostUnregister", ValueLayout.ADDRESS).invokeExact(memory));
    } catch (Throwable e) {
      if (e instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException("pinned memory cannot be let go: " + e.getMessage(), e);
    }
  }

  private MethodHandle function(String name, MemoryLayout... arguments) {
    return Linker.nativeLinker()
        .downcallHandle(
            library.findOrThrow(name), FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments));
  }

  private static void require(int status) {
    if (status != 0) {
      throw new IllegalStateException("the CUDA runtime returns " + status);
    }
  }
}
