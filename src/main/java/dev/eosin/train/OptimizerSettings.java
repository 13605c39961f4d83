package dev.eosin.train;

import dev.eosin.config.Doc;

/// The key `optimizer` of a recipe.
@Doc("How gradients change the weights.")
public sealed interface OptimizerSettings permits AdamWSettings {
  /// The learning rate that the schedule scales.
  double lr();

  /// When a step's gradients change the weights.
  UpdateTiming updates();
}
