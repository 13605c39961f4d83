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
  /// fp16 weights and activations with fp32 masters and a loss scale, see [LossScaling]; losses and
  /// statistics in fp32.
  @Named("fp16")
  FP16,
  /// bf16 on a GPU; fp32 on a CPU, where bf16 is slower without matrix instructions.
  @Named("auto")
  AUTO;

  /// The compute type on a device.
  public DType compute(Device device) {
    return switch (this) {
      case FP32 -> DType.FLOAT32;
      case BF16 -> DType.BFLOAT16;
      case FP16 -> DType.FLOAT16;
      case AUTO -> device instanceof Device.Cuda ? DType.BFLOAT16 : DType.FLOAT32;
    };
  }

  /// What is computed in, and why, for a person.
  public String explain(Device device) {
    return switch (this) {
      case FP32 -> "precision: fp32, as the recipe says";
      case BF16 -> "precision: bf16 with fp32 masters, as the recipe says";
      case FP16 -> "precision: fp16 with fp32 masters and a loss scale, as the recipe says";
      case AUTO ->
          device instanceof Device.Cuda
              ? "precision: auto took bf16 with fp32 masters, which a GPU's matrix units compute in"
              : "precision: auto took fp32, since bf16 is slower on a CPU without matrix units";
    };
  }
}
