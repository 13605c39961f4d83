package dev.eosin.tensor;

import dev.eosin.tensor.CudaSurroundings.Driver;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/// What the NVIDIA driver says of a GPU and libtorch's shim does not.
///
/// Source: `cuda.h` of the CUDA driver API.
final class CudaDriver {
  private static final String LIBRARY = "libcuda.so.1";
  private static final int CAPABILITY_MAJOR = 75;
  private static final int CAPABILITY_MINOR = 76;

  private CudaDriver() {}

  /// Whether the driver is there and starts.
  static Driver state() {
    try (Arena arena = Arena.ofConfined()) {
      SymbolLookup driver = SymbolLookup.libraryLookup(LIBRARY, Arena.global());
      int status = (int) function(driver, "cuInit", ValueLayout.JAVA_INT).invokeExact(0);
      if (status != 0) {
        return new Driver.Refusing(status);
      }
      MemorySegment version = arena.allocate(ValueLayout.JAVA_INT);
      status =
          (int) function(driver, "cuDriverGetVersion", ValueLayout.ADDRESS).invokeExact(version);
      return status == 0
          ? new Driver.Working(version.get(ValueLayout.JAVA_INT, 0))
          : new Driver.Refusing(status);
    } catch (Throwable noDriver) {
      return new Driver.Missing();
    }
  }

  /// The compute capability of a GPU; empty where there is no driver, or it does not say.
  static Optional<MatrixUnits.Capability> capability(int index) {
    try (Arena arena = Arena.ofConfined()) {
      SymbolLookup driver = SymbolLookup.libraryLookup(LIBRARY, Arena.global());
      int failed = (int) function(driver, "cuInit", ValueLayout.JAVA_INT).invokeExact(0);
      MemorySegment device = arena.allocate(ValueLayout.JAVA_INT);
      failed |=
          (int)
              function(driver, "cuDeviceGet", ValueLayout.ADDRESS, ValueLayout.JAVA_INT)
                  .invokeExact(device, index);
      MethodHandle attribute =
          function(
              driver,
              "cuDeviceGetAttribute",
              ValueLayout.ADDRESS,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT);
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

  /// A function of the driver, which all return a status.
  private static MethodHandle function(
      SymbolLookup driver, String name, MemoryLayout... arguments) {
    return Linker.nativeLinker()
        .downcallHandle(
            driver.findOrThrow(name), FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments));
  }
}
