package dev.eosin.tensor;

/// A named weight.
///
/// @param name Eosin's name, as in `docs/formats.md`
/// @param data what kernels read, in the compute type
/// @param master what the optimiser updates and checkpoints hold, fp32; the same tensor as `data`
///   when that is fp32, or when the parameter only ever serves forward passes
/// @param trainable whether a gradient is computed for it
public record Parameter(String name, Tensor data, Tensor master, boolean trainable) {
  /// Whether `data` is a rounded copy of `master`.
  public boolean shadowed() {
    return data != master;
  }

  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }

  @Override
  public String toString() {
    return name + " " + data;
  }
}
