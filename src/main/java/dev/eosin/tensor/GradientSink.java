package dev.eosin.tensor;

import java.util.List;

/// Receives each parameter's gradient as soon as it is complete, in the order of the backward pass.
@FunctionalInterface
public interface GradientSink {
  /// @param parameters whose gradients are complete now
  /// @param gradients one each, of the parameter's shape and compute type; the sink owns and closes
  ///   them, and may change one in place only after copying it (libtorch may hand out one tensor
  ///   for two targets)
  void accept(List<Parameter> parameters, List<Tensor> gradients);
}
