package dev.eosin.train.optimisers;

/// When a step's gradients change the weights.
public enum UpdateTiming {
  /// Behind the backward pass, when all of them are there.
  TOGETHER,
  /// Each as soon as it is there.
  EARLY
}
