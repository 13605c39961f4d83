package dev.eosin.train.machine;

import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.MatrixUnits;

/// The key `precision` of a recipe.
@Doc("The number format of weights and activations in the forward and backward pass.")
public enum Precision {
  /// Everything in 32 bits.
  @Named("fp32")
  FP32,
  /// bf16 weights and activations with fp32 masters; losses and statistics in fp32.
  @Named("bf16")
  BF16,
  /// fp16 weights and activations with fp32 masters and a loss scale, see
  /// [dev.eosin.train.LossScaling]; losses and statistics in fp32.
  @Named("fp16")
  FP16,
  /// What the device has matrix units for: bf16 on a GPU from compute capability 8.0 on and on a
  /// CPU with AMX, fp16 on a GPU from 7.0 on, fp32 elsewhere.
  @Named("auto")
  AUTO;

  /// The compute type on a device of this machine.
  public DType compute(Device device) {
    return switch (this) {
      case FP32 -> DType.FLOAT32;
      case BF16 -> DType.BFLOAT16;
      case FP16 -> DType.FLOAT16;
      case AUTO -> Choice.of(MatrixUnits.of(device)).type;
    };
  }

  /// What is computed in, and why, for a person.
  public String explain(Device device) {
    return switch (this) {
      case FP32 -> "precision: fp32, as the recipe says";
      case BF16 -> "precision: bf16 with fp32 masters, as the recipe says";
      case FP16 -> "precision: fp16 with fp32 masters and a loss scale, as the recipe says";
      case AUTO -> "precision: auto took " + Choice.of(MatrixUnits.of(device)).why;
    };
  }

  /// What `auto` takes.
  ///
  /// @param why the type's name and the reason
  record Choice(DType type, String why) {
    private static final int FIRST_WITH_BF16 = 8;
    private static final int FIRST_WITH_FP16 = 7;

    static Choice of(MatrixUnits units) {
      return switch (units) {
        case MatrixUnits.Cpu cpu -> of(cpu);
        case MatrixUnits.Gpu gpu ->
            gpu.capability()
                .map(Choice::of)
                .orElseGet(
                    () ->
                        new Choice(
                            DType.BFLOAT16,
                            "bf16 with fp32 masters: the driver does not say what the GPU can; if it"
                                + " is older than Ampere (compute capability 8.0), set precision=fp16"));
      };
    }

    private static Choice of(MatrixUnits.Capability capability) {
      if (capability.major() >= FIRST_WITH_BF16) {
        return new Choice(
            DType.BFLOAT16,
            "bf16 with fp32 masters: the GPU (compute capability %s) has matrix units for it"
                .formatted(capability));
      }
      if (capability.major() >= FIRST_WITH_FP16) {
        return new Choice(
            DType.FLOAT16,
            "fp16 with fp32 masters and a loss scale: the GPU (compute capability %s) has matrix"
                    .formatted(capability)
                + " units for it and none for bf16");
      }
      return new Choice(
          DType.FLOAT32,
          "fp32: the GPU (compute capability %s) has no matrix units".formatted(capability));
    }

    private static Choice of(MatrixUnits.Cpu cpu) {
      if (cpu.hasAmx()) {
        return new Choice(
            DType.BFLOAT16, "bf16 with fp32 masters: the CPU has matrix units for it (AMX)");
      }
      String slower = "fp32: bf16 is slower on a CPU without matrix units";
      return new Choice(
          DType.FLOAT32,
          cpu.hasDotProducts()
              ? slower + " (AMX), also with the dot products of avx512_bf16 that this one has"
              : slower);
    }
  }
}
