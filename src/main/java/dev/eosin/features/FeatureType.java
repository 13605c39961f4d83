package dev.eosin.features;

import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.tensor.DType;

/// The number format of features on disk.
@Doc("The number format of features on disk.")
public enum FeatureType {
  /// As computed in 32 bits.
  @Named("fp32")
  FP32(DType.FLOAT32),
  /// Half the room, rounded to 11 bits.
  @Named("fp16")
  FP16(DType.FLOAT16),
  /// Half the room, rounded to 8 bits.
  @Named("bf16")
  BF16(DType.BFLOAT16);

  private final DType elements;

  FeatureType(DType elements) {
    this.elements = elements;
  }

  /// Of the tensors.
  public DType elements() {
    return elements;
  }
}
