package dev.eosin.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/// What the NVIDIA driver says of a GPU and libtorch's shim does not.
///
/// Source: `cuda.h` of the CUDA driver API.
final class CudaDriver {
  private static final String LIBRARY = "libcuda.so.1";
  private static final int CAPABILITY_MAJOR = 75;
  private static final int CAPABILITY_MINOR = 76;

  private CudaDriver() {}

  /// The compute capability of a GPU; empty where there is no driver, or it does not say.
  static Optional<MatrixUnits.Capability> capability(int index) {
    try (Arena arena = Arena.ofConfined()) {
      SymbolLookup driver = SymbolLookup.libraryLookup(LIBRARY, Arena.global());
      Linker linker = Linker.nativeLinker();
      int failed =
          (int)
              linker
                  .downcallHandle(
                      driver.findOrThrow("cuInit"),
                      FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT))
                  .invokeExact(0);
      MemorySegment device = arena.allocate(ValueLayout.JAVA_INT);
      failed |=
          (int)
              linker
                  .downcallHandle(
                      driver.findOrThrow("cuDeviceGet"),
                      FunctionDescriptor.of(
                          ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT))
                  .invokeExact(device, index);
      var attribute =
          linker.downcallHandle(
              driver.findOrThrow("cuDeviceGetAttribute"),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT,
                  ValueLayout.ADDRESS,
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_INT));
      MemorySegment major = arena.allocate(ValueLayout.JAVA_INT);
      MemorySegment minor = arena.allocate(ValueLayout.JAVA_INT);
      int number = device.get(ValueLayout.JAVA_INT, 0);
      failed |= (int) attribute.invokeExact(major, CAPABILITY_MAJOR, number);
      failed |= (int) attribute.invokeExact(minor, CAPABILITY_MINOR, number);
      return failed == 0
          ? Optional.of(
              new MatrixUnits.Capability(
                  major.get(ValueLayout.JAVA_INT, 0), minor.get(ValueLayout.JAVA_INT, 0)))
          : Optional.empty();
    } catch (Throwable noDriver) {
      return Optional.empty();
    }
  }
}
