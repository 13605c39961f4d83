package dev.eosin.tensor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// What a device multiplies matrices of narrow numbers with. A value, so that what is chosen by it
/// can be tested on any machine.
public sealed interface MatrixUnits {
  /// @param flags what the processor says it can, as Linux names it; empty where it is not said
  record Cpu(List<String> flags) implements MatrixUnits {
    private static final Path INFO = Path.of("/proc/cpuinfo");

    public Cpu {
      flags = List.copyOf(flags);
    }

    /// Tile instructions for bf16.
    public boolean hasAmx() {
      return flags.contains("amx_bf16");
    }

    /// Dot products of bf16.
    public boolean hasDotProducts() {
      return flags.contains("avx512_bf16");
    }

    static Cpu inspect() {
      try {
        return new Cpu(
            Files.readAllLines(INFO).stream()
                .filter(line -> line.startsWith("flags"))
                .findFirst()
                .map(line -> Arrays.asList(line.split("\\s+")))
                .orElse(List.of()));
      } catch (IOException notLinux) {
        return new Cpu(List.of());
      }
    }
  }

  /// @param capability the GPU's compute capability, where its driver says it
  record Gpu(Optional<Capability> capability) implements MatrixUnits {}

  /// A CUDA compute capability.
  record Capability(int major, int minor) {
    @Override
    public String toString() {
      return major + "." + minor;
    }
  }

  /// Those of a device of this machine.
  static MatrixUnits of(Device device) {
    return switch (device) {
      case Device.Cpu() -> Cpu.inspect();
      case Device.Cuda(int index) ->
          new Gpu(CudaDriver.open().flatMap(driver -> driver.capability(index)));
    };
  }
}
