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
  /// `cudaEventDisableTiming`
  private static final int EVENT_WITHOUT_TIME = 2;

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
      forgetFailure();
      return OptionalLong.empty();
    }
  }

  /// Makes a GPU this thread's current one. Its context is made by that, and no other GPU's.
  void choose(int index) throws Throwable {
    require((int) function("cudaSetDevice", ValueLayout.JAVA_INT).invokeExact(index));
  }

  /// The stream that libtorch puts this thread's work on.
  MemorySegment torchStream(int index) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
      require(
          (int)
              function(
                      "aoti_torch_get_current_cuda_stream",
                      ValueLayout.JAVA_INT,
                      ValueLayout.ADDRESS)
                  .invokeExact(index, out));
      return out.get(ValueLayout.ADDRESS, 0);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /// As [#choose].
  void use(int index) {
    try {
      choose(index);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  private static RuntimeException rethrown(Throwable e) {
    return switch (e) {
      case Error error -> throw error;
      case RuntimeException unchecked -> unchecked;
      default -> new IllegalStateException(e);
    };
  }

  /// Keeps memory in place, so that a GPU copies from it by itself.
  void register(MemorySegment memory) throws Throwable {
    MethodHandle register =
        function(
            "cudaHostRegister", ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT);
    require((int) register.invokeExact(memory, memory.byteSize(), 0));
  }

  void unregister(MemorySegment memory) throws Throwable {
    require((int) function("cudaHostUnregister", ValueLayout.ADDRESS).invokeExact(memory));
  }

  /// An event of the current GPU, which nothing waits for yet.
  MemorySegment newEvent() throws Throwable {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
      MethodHandle create =
          function("cudaEventCreateWithFlags", ValueLayout.ADDRESS, ValueLayout.JAVA_INT);
      require((int) create.invokeExact(out, EVENT_WITHOUT_TIME));
      return out.get(ValueLayout.ADDRESS, 0);
    }
  }

  /// Lets an event stand for all that was asked of the current GPU so far, by libtorch's own
  /// stream.
  void record(MemorySegment event) throws Throwable {
    MethodHandle record = function("cudaEventRecord", ValueLayout.ADDRESS, ValueLayout.ADDRESS);
    require((int) record.invokeExact(event, MemorySegment.NULL));
  }

  /// Returns when what an event stands for is done; at once for an event that stands for nothing.
  void await(MemorySegment event) throws Throwable {
    require((int) function("cudaEventSynchronize", ValueLayout.ADDRESS).invokeExact(event));
  }

  void destroy(MemorySegment event) throws Throwable {
    require((int) function("cudaEventDestroy", ValueLayout.ADDRESS).invokeExact(event));
  }

  /// Forgets a failure that was dealt with: libtorch would take it for that of its next kernel.
  void forgetFailure() {
    try {
      int _ = (int) function("cudaGetLastError").invokeExact();
    } catch (Throwable e) {
      if (e instanceof Error error) {
        throw error;
      }
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
