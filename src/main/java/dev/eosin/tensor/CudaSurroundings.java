package dev.eosin.tensor;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// What decides whether libtorch can use a GPU; a value, so that every verdict can be tested on any
/// machine.
///
/// @param libtorchHasCuda whether the libtorch in use was built with CUDA
/// @param neededCuda major version of CUDA that it was built for, where that is known
/// @param visibleDevices the variable `CUDA_VISIBLE_DEVICES`, where it is set
/// @param driver NVIDIA's
record CudaSurroundings(
    boolean libtorchHasCuda,
    Optional<Integer> neededCuda,
    Optional<String> visibleDevices,
    Driver driver) {

  /// NVIDIA's driver, as it answers this process.
  sealed interface Driver {
    /// Its library is not there.
    record Missing() implements Driver {}

    /// It does not start.
    ///
    /// @param status of `cuInit`, see `CUresult` in `cuda.h`
    record Refusing(int status) implements Driver {}

    /// It works.
    ///
    /// @param version of CUDA that it is made for, 12080 for 12.8
    record Working(int version) implements Driver {}
  }

  /// This process.
  ///
  /// @param libraryFolder with libtorch
  static CudaSurroundings inspect(Path libraryFolder) {
    return new CudaSurroundings(
        Files.exists(libraryFolder.resolve(System.mapLibraryName("torch_cuda"))),
        flavourMajor(Optional.ofNullable(System.getenv("PYTORCH_FLAVOR")).orElse("")),
        Optional.ofNullable(System.getenv("CUDA_VISIBLE_DEVICES")),
        CudaDriver.open().map(CudaDriver::state).orElse(new Driver.Missing()));
  }

  /// The version of CUDA that a working driver is made for: `12.8`.
  static Optional<String> version(Driver driver) {
    return switch (driver) {
      case Driver.Working(int number) ->
          Optional.of("%d.%d".formatted(number / 1000, number % 1000 / 10));
      case Driver.Missing _, Driver.Refusing _ -> Optional.empty();
    };
  }

  /// The 12 of `cu128`.
  static Optional<Integer> flavourMajor(String flavour) {
    return flavour.matches("cu\\d{3}")
        ? Optional.of(Integer.valueOf(flavour.substring(2, 4)))
        : Optional.empty();
  }
}
