package dev.eosin.tensor;

/// A named weight.
///
/// @param name Eosin's name, as in `docs/formats.md`
/// @param data what kernels read, in the compute type; in the file's own where it is mapped
/// @param master what the optimiser updates and checkpoints hold, fp32; the same tensor as `data`
///   when that is fp32, or when the parameter only ever serves forward passes, or is mapped
/// @param trainable whether a gradient is computed for it
/// @param mapped whether it is used in place in a file: never written, and not in checkpoints
public record Parameter(
    String name, Tensor data, Tensor master, boolean trainable, boolean mapped) {
  /// @throws IllegalArgumentException when it is mapped and is to be trained
  public Parameter {
    if (mapped && trainable) {
      throw new IllegalArgumentException(
          name + " is used in place in its file and cannot be trained");
    }
  }

  /// Whether checkpoints hold it.
  public boolean saved() {
    return !mapped;
  }

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
