package dev.eosin.tensor;

import dev.eosin.tensor.CudaSurroundings.Driver;
import java.util.Optional;

/// Why libtorch can use no GPU.
///
/// @param found the cause
/// @param mend what the user can do about it
public record CudaObstacle(String found, String mend) {
  private static final int NO_DEVICE = 100;
  private static final String NVIDIA_SMI =
      "run nvidia-smi, which says more; after an update of the driver, restart the machine";

  /// The first thing in the way. The variable comes first: with every GPU hidden the driver too
  /// says that there is none.
  static CudaObstacle of(CudaSurroundings surroundings) {
    Optional<String> visible = surroundings.visibleDevices();
    if (visible.filter(CudaObstacle::hidesAll).isPresent()) {
      return new CudaObstacle(
          "CUDA_VISIBLE_DEVICES is '%s', which hides every GPU from this process"
              .formatted(visible.get()),
          "unset it, or name a GPU: CUDA_VISIBLE_DEVICES=0");
    }
    if (!surroundings.libtorchHasCuda()) {
      return new CudaObstacle(
          "the libtorch in use has no CUDA",
          "name a CUDA libtorch with EOSIN_LIBTORCH, or run 'eosin fetch libtorch-cuda'"
              + " (docs/launcher.md)");
    }
    return switch (surroundings.driver()) {
      case Driver.Missing() ->
          new CudaObstacle(
              "NVIDIA's driver (libcuda.so.1) is not there",
              "install the driver; a container has to be started with its GPUs (docker run --gpus"
                  + " all)");
      case Driver.Refusing(int status) when status == NO_DEVICE && visible.isPresent() ->
          new CudaObstacle(
              "CUDA_VISIBLE_DEVICES is '%s', which names no GPU of this machine"
                  .formatted(visible.get()),
              "nvidia-smi lists the GPUs, counted from 0");
      case Driver.Refusing(int status) when status == NO_DEVICE ->
          new CudaObstacle("NVIDIA's driver sees no GPU", NVIDIA_SMI);
      case Driver.Refusing(int status) ->
          new CudaObstacle(
              "NVIDIA's driver does not start (cuInit returns %d)".formatted(status), NVIDIA_SMI);
      case Driver.Working(int version) -> unused(version, surroundings.neededCuda());
    };
  }

  private static boolean hidesAll(String visible) {
    return visible.isBlank() || visible.strip().startsWith("-1") || visible.equals("NoDevFiles");
  }

  private static CudaObstacle unused(int version, Optional<Integer> needed) {
    String made = "%d.%d".formatted(version / 1000, version % 1000 / 10);
    return needed.filter(major -> version / 1000 < major).isPresent()
        ? new CudaObstacle(
            "NVIDIA's driver is too old: it knows CUDA %s, and the libtorch in use is built for CUDA %d"
                .formatted(made, needed.get()),
            "update the driver")
        : new CudaObstacle(
            "NVIDIA's driver works (CUDA %s), but libtorch sees no GPU".formatted(made),
            NVIDIA_SMI);
  }
}
