package dev.eosin.onnx;

import java.util.Locale;

/// In which numbers a graph's matrix products are made. Norms, softmax, the sums of blocks with
/// what enters them and what a graph takes and gives are fp32 in all of them.
public enum GraphPrecision {
  /// Everything in fp32.
  FP32,
  /// Weights of products in fp16, and products and activations with them.
  FP16,
  /// Weights of linears in 8 bits, one scale for each output; what enters a linear is rounded to 8
  /// bits when the graph is run, with one scale for all of it.
  INT8;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// What products and activations between them are made in.
  public ElementType products() {
    return this == FP16 ? ElementType.FLOAT16 : ElementType.FLOAT;
  }
}
