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
import java.util.OptionalLong;

/// What the NVIDIA driver says of a GPU and libtorch's shim does not.
///
/// Source: `cuda.h` of the CUDA driver API.
///
/// @param library the driver's functions
record CudaDriver(SymbolLookup library) {
  private static final String LIBRARY = "libcuda.so.1";
  private static final int CAPABILITY_MAJOR = 75;
  private static final int CAPABILITY_MINOR = 76;
  private static final int NAME_BYTES = 256;

  /// This machine's; empty where there is none.
  static Optional<CudaDriver> open() {
    try {
      return Optional.of(new CudaDriver(SymbolLookup.libraryLookup(LIBRARY, Arena.global())));
    } catch (IllegalArgumentException noDriver) {
      return Optional.empty();
    }
  }

  /// Whether the driver starts.
  Driver state() {
    try (Arena arena = Arena.ofConfined()) {
      int status = start();
      if (status != 0) {
        return new Driver.Refusing(status);
      }
      MemorySegment version = arena.allocate(ValueLayout.JAVA_INT);
      status = (int) function("cuDriverGetVersion", ValueLayout.ADDRESS).invokeExact(version);
      return status == 0
          ? new Driver.Working(version.get(ValueLayout.JAVA_INT, 0))
          : new Driver.Refusing(status);
    } catch (Throwable noDriver) {
      throwIfError(noDriver);
      return new Driver.Missing();
    }
  }

  /// The compute capability of a GPU; empty where the driver does not say.
  Optional<MatrixUnits.Capability> capability(int index) {
    try (Arena arena = Arena.ofConfined()) {
      int device = device(arena, index);
      MethodHandle attribute =
          function(
              "cuDeviceGetAttribute",
              ValueLayout.ADDRESS,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT);
      MemorySegment major = arena.allocate(ValueLayout.JAVA_INT);
      MemorySegment minor = arena.allocate(ValueLayout.JAVA_INT);
      require((int) attribute.invokeExact(major, CAPABILITY_MAJOR, device));
      require((int) attribute.invokeExact(minor, CAPABILITY_MINOR, device));
      return Optional.of(
          new MatrixUnits.Capability(
              major.get(ValueLayout.JAVA_INT, 0), minor.get(ValueLayout.JAVA_INT, 0)));
    } catch (Throwable silent) {
      throwIfError(silent);
      return Optional.empty();
    }
  }

  /// What a GPU is called; empty where the driver does not say.
  Optional<String> name(int index) {
    try (Arena arena = Arena.ofConfined()) {
      int device = device(arena, index);
      MemorySegment name = arena.allocate(NAME_BYTES);
      MethodHandle ask =
          function(
              "cuDeviceGetName", ValueLayout.ADDRESS, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
      require((int) ask.invokeExact(name, NAME_BYTES, device));
      return Optional.of(name.getString(0));
    } catch (Throwable silent) {
      throwIfError(silent);
      return Optional.empty();
    }
  }

  /// All bytes of a GPU's memory; empty where the driver does not say.
  OptionalLong memory(int index) {
    try (Arena arena = Arena.ofConfined()) {
      int device = device(arena, index);
      MemorySegment bytes = arena.allocate(ValueLayout.JAVA_LONG);
      MethodHandle ask = function("cuDeviceTotalMem_v2", ValueLayout.ADDRESS, ValueLayout.JAVA_INT);
      require((int) ask.invokeExact(bytes, device));
      return OptionalLong.of(bytes.get(ValueLayout.JAVA_LONG, 0));
    } catch (Throwable silent) {
      throwIfError(silent);
      return OptionalLong.empty();
    }
  }

  private int start() throws Throwable {
    return (int) function("cuInit", ValueLayout.JAVA_INT).invokeExact(0);
  }

  /// The driver's number of a GPU, which `CUDA_VISIBLE_DEVICES` counts as libtorch does.
  private int device(Arena arena, int index) throws Throwable {
    require(start());
    MemorySegment device = arena.allocate(ValueLayout.JAVA_INT);
    require(
        (int)
            function("cuDeviceGet", ValueLayout.ADDRESS, ValueLayout.JAVA_INT)
                .invokeExact(device, index));
    return device.get(ValueLayout.JAVA_INT, 0);
  }

  /// A function of the driver, which all return a status.
  private MethodHandle function(String name, MemoryLayout... arguments) {
    return Linker.nativeLinker()
        .downcallHandle(
            library.findOrThrow(name), FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments));
  }

  private static void require(int status) {
    if (status != 0) {
      throw new IllegalStateException("the driver returns " + status);
    }
  }

  private static void throwIfError(Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
  }
}
