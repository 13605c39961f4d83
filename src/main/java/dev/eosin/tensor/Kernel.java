package dev.eosin.tensor;

/// A TorchScript function as a tape node: `name(inputs, parameters, constants...) -> outputs`.
///
/// @param name in `src/main/torchscript`
/// @param outputs how many tensors of the result are outputs
/// @param gradient how the node is differentiated
public record Kernel(String name, int outputs, Gradient gradient) {
  /// How a node is differentiated.
  public enum Gradient {
    /// libtorch's graph of this one node is kept until its backward.
    AUTOGRAD,
    /// Nothing is kept: backward runs the kernel again with autograd on (activation checkpointing;
    /// exact).
    RECOMPUTE,
    /// The kernel returns its output and then what `<name>_backward` needs; one output only.
    OWN
  }

  public Kernel {
    if (gradient == Gradient.OWN && outputs != 1) {
      throw new IllegalArgumentException(name + ": a kernel with its own backward has one output");
    }
  }

  /// One output, differentiated by autograd.
  public Kernel(String name) {
    this(name, 1, Gradient.AUTOGRAD);
  }

  /// The same function, computed again in backward instead of kept.
  public Kernel recomputed() {
    return new Kernel(name, outputs, Gradient.RECOMPUTE);
  }
}
