package dev.eosin.tensor;

import java.util.List;

/// A TorchScript function as a tape node: `name(inputs, parameters, constants...) -> outputs`.
///
/// @param name in `src/main/torchscript`
/// @param outputs how many tensors of the result are outputs
/// @param gradient how the node is differentiated
/// @param recomputed keeps nothing but its inputs: backward runs the kernel again (activation
///   checkpointing; equal to the bit)
public record Kernel(String name, int outputs, Gradient gradient, boolean recomputed) {
  /// How a node is differentiated.
  public enum Gradient {
    /// By libtorch's graph of this one node.
    AUTOGRAD,
    /// The kernel returns its outputs and then what `<name>_backward` needs. That kernel takes the
    /// outputs' gradients (an empty tensor for each of several that none reached), inputs,
    /// parameters, what was saved, and the same constants, and returns a gradient for every input
    /// and parameter.
    OWN
  }

  /// Keeps what its backward needs.
  public Kernel(String name, int outputs, Gradient gradient) {
    this(name, outputs, gradient, false);
  }

  /// One output, differentiated by autograd.
  public Kernel(String name) {
    this(name, 1, Gradient.AUTOGRAD);
  }

  /// The first of the tensors that the kernel returned; where they are too few, all are closed.
  List<Tensor> outputs(List<Tensor> results) {
    if (results.size() < outputs) {
      results.forEach(Tensor::close);
      throw new IllegalStateException(
          "kernel %s gave %d tensors, %d outputs are declared"
              .formatted(name, results.size(), outputs));
    }
    return results.subList(0, outputs);
  }

  /// The same function, computed again in backward instead of kept.
  public Kernel recomputing() {
    return new Kernel(name, outputs, gradient, true);
  }
}
