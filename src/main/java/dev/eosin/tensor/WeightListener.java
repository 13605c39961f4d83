package dev.eosin.tensor;

import java.util.List;

/// Told what kernels make of weights in forward passes, on the calling thread.
@FunctionalInterface
public interface WeightListener {
  /// After a call that took weights.
  ///
  /// @param weights in the order in which the kernel takes them; at least one
  /// @param made the outputs; they live no longer than the call
  void made(List<Parameter> weights, List<Value> made);
}
