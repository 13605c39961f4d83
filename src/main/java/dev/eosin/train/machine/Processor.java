package dev.eosin.train.machine;

import dev.eosin.config.WrittenAs;
import dev.eosin.tensor.Device;

/// The key `compute.device`: what runs the kernels.
@WrittenAs(
    pattern = "auto|cpu|cuda(:[0-9]{1,2})?",
    example = {"auto", "cpu", "cuda", "cuda:1"})
public sealed interface Processor {
  Processor AUTO = new Auto();
  Processor CPU = new Cpu();

  /// The first GPU that is visible.
  Processor CUDA = new Cuda(0);

  /// The first GPU where the machine has one, the CPU otherwise.
  record Auto() implements Processor {
    @Override
    public String toString() {
      return "auto";
    }
  }

  /// The CPU, whatever else is there.
  record Cpu() implements Processor {
    @Override
    public String toString() {
      return "cpu";
    }
  }

  /// A GPU that has to be there.
  ///
  /// @param index as CUDA counts the visible devices, from 0
  record Cuda(int index) implements Processor {
    @Override
    public String toString() {
      return index == 0 ? "cuda" : "cuda:" + index;
    }
  }

  /// The device that is meant.
  ///
  /// @param gpuPresent whether the machine has an NVIDIA GPU
  default Device intended(boolean gpuPresent) {
    return switch (this) {
      case Auto() -> gpuPresent ? new Device.Cuda(0) : Device.CPU;
      case Cpu() -> Device.CPU;
      case Cuda(int index) -> new Device.Cuda(index);
    };
  }

  /// Reads `auto`, `cpu`, `cuda` or `cuda:1`.
  ///
  /// @throws IllegalArgumentException for anything else
  static Processor parse(String text) {
    return switch (text) {
      case "auto" -> AUTO;
      case "cpu" -> CPU;
      case "cuda" -> CUDA;
      case String gpu when gpu.matches("cuda:[0-9]{1,2}") ->
          new Cuda(Integer.parseInt(gpu.substring("cuda:".length())));
      default ->
          throw new IllegalArgumentException(
              "'%s' is no device; write auto, cpu, cuda or one of several GPUs, such as cuda:1"
                  .formatted(text));
    };
  }
}
