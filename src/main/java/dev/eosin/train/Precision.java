package dev.eosin.train;

import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;

/// The key `precision` of a recipe.
@Doc("The number format of weights and activations in the forward and backward pass.")
public enum Precision {
  /// Everything in 32 bits.
  @Named("fp32")
  FP32,
  /// bf16 weights and activations with fp32 masters; losses and statistics in fp32.
  @Named("bf16")
  BF16,
  /// bf16 on a GPU; fp32 on a CPU, where bf16 is slower without matrix instructions.
  @Named("auto")
  AUTO;

  /// The compute type on a device.
  public DType compute(Device device) {
    return switch (this) {
      case FP32 -> DType.FLOAT32;
      case BF16 -> DType.BFLOAT16;
      case AUTO -> device instanceof Device.Cuda ? DType.BFLOAT16 : DType.FLOAT32;
    };
  }
}
