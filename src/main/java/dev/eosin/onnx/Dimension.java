package dev.eosin.onnx;

/// The size of an input or output along one axis.
public sealed interface Dimension {
  /// Always the same.
  record Fixed(long size) implements Dimension {}

  /// Known when the graph is run; equal names are equal sizes.
  record Dynamic(String name) implements Dimension {}

  static Dimension of(long size) {
    return new Fixed(size);
  }

  static Dimension of(String name) {
    return new Dynamic(name);
  }
}
