package dev.eosin.train.machine;

import dev.eosin.config.Doc;

/// What ranks that train together keep one of among them, instead of one each.
@Doc("What ranks keep one of among them.")
public enum Sharding {
  /// Each has everything.
  NONE,
  /// Each has the optimiser's state of some weights, and updates these (ZeRO stage 1, Rajbhandari
  /// et al. 2020, arXiv 1910.02054, section 5.1).
  OPTIMIZER,
  /// As above, and only the gradients of these weights are kept: those of others go to their ranks
  /// while the backward pass goes on, from the first step on (ZeRO stage 2, section 5.2 there).
  GRADIENTS;

  /// Ranks that share the optimiser's state.
  ///
  /// @param ranks that train together
  public int ofState(int ranks) {
    return switch (this) {
      case NONE -> 1;
      case OPTIMIZER, GRADIENTS -> ranks;
    };
  }
}
