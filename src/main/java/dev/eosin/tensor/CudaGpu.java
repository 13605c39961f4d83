package dev.eosin.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/// One GPU as NVIDIA's driver and CUDA's runtime describe it, for people. What they do not tell is
/// empty.
///
/// @param index as CUDA counts the visible devices, from 0
/// @param name such as `NVIDIA H200`
/// @param capability its compute capability
/// @param memoryBytes all of its memory
/// @param freeBytes what nobody has taken of it
public record CudaGpu(
    int index,
    Optional<String> name,
    Optional<MatrixUnits.Capability> capability,
    OptionalLong memoryBytes,
    OptionalLong freeBytes) {
  private static final double GIB = 1L << 30;

  static CudaGpu of(int index, Optional<CudaDriver> driver, Optional<CudaRuntime> runtime) {
    return new CudaGpu(
        index,
        driver.flatMap(one -> one.name(index)),
        driver.flatMap(one -> one.capability(index)),
        driver.map(one -> one.memory(index)).orElse(OptionalLong.empty()),
        runtime.map(one -> one.freeMemory(index)).orElse(OptionalLong.empty()));
  }

  /// `cuda:0 NVIDIA H200, capability 9.0, 138.2 of 139.8 GiB free`
  @Override
  public String toString() {
    List<String> facts = new ArrayList<>();
    facts.add(new Device.Cuda(index).torchName() + " " + name.orElse("without a name"));
    capability.ifPresent(number -> facts.add("capability " + number));
    String free = freeBytes.isPresent() ? gib(freeBytes.getAsLong()) : "an unknown part";
    memoryBytes.ifPresent(all -> facts.add("%s of %s GiB free".formatted(free, gib(all))));
    return String.join(", ", facts);
  }

  private static String gib(long bytes) {
    return String.format(Locale.ROOT, "%.1f", bytes / GIB);
  }
}
