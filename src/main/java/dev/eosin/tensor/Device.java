package dev.eosin.tensor;

/// Where tensors live and kernels run.
public sealed interface Device {
  /// libtorch's name: `cpu`, `cuda:0`.
  String torchName();

  Device CPU = new Cpu();

  record Cpu() implements Device {
    @Override
    public String torchName() {
      return "cpu";
    }
  }

  /// @param index as CUDA counts the visible devices, from 0
  record Cuda(int index) implements Device {
    @Override
    public String torchName() {
      return "cuda:" + index;
    }
  }
}
