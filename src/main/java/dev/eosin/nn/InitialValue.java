package dev.eosin.nn;

/// How a parameter starts when nothing is loaded.
public sealed interface InitialValue {
  /// Every element the same.
  record Constant(float value) implements InitialValue {}

  /// Uniform within [-bound, bound).
  record Uniform(double bound) implements InitialValue {}

  /// Normal with mean 0.
  record Normal(double standardDeviation) implements InitialValue {}
}
