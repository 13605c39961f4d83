package dev.eosin.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/// The one function of the CUDA runtime that libtorch passes on to nobody.
///
/// Source: `cuda_runtime_api.h`.
final class CudaRuntime {
  private CudaRuntime() {}

  /// Free bytes of the current device, the first one unless somebody chose another; the first call
  /// makes CUDA's own context, whose memory is taken then. Empty where the runtime does not tell.
  ///
  /// @param libraryFolder with libtorch; looking a name up in it finds the CUDA runtime that it
  ///   needs
  static OptionalLong freeMemory(Path libraryFolder) {
    Path torch = libraryFolder.resolve(System.mapLibraryName("torch_cuda"));
    if (!Files.exists(torch)) {
      return OptionalLong.empty();
    }
    try (Arena arena = Arena.ofConfined()) {
      Optional<MemorySegment> function =
          SymbolLookup.libraryLookup(torch, Arena.global()).find("cudaMemGetInfo");
      if (function.isEmpty()) {
        return OptionalLong.empty();
      }
      MethodHandle memory =
          Linker.nativeLinker()
              .downcallHandle(
                  function.get(),
                  FunctionDescriptor.of(
                      ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS));
      MemorySegment free = arena.allocate(ValueLayout.JAVA_LONG);
      MemorySegment total = arena.allocate(ValueLayout.JAVA_LONG);
      int status = (int) memory.invokeExact(free, total);
      return status == 0
          ? OptionalLong.of(free.get(ValueLayout.JAVA_LONG, 0))
          : OptionalLong.empty();
    } catch (Throwable e) {
      if (e instanceof Error error) {
        throw error;
      }
      return OptionalLong.empty();
    }
  }
}
