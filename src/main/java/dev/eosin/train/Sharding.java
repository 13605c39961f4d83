package dev.eosin.train;

import dev.eosin.config.Doc;

/// What ranks that train together keep one of among them, instead of one each.
@Doc("What ranks keep one of among them.")
public enum Sharding {
  /// Each has everything.
  NONE,
  /// Each has the optimiser's state of some weights, and updates these (ZeRO stage 1, Rajbhandari
  /// et al. 2020, arXiv 1910.02054, section 5.1).
  OPTIMIZER;

  /// Ranks that share the optimiser's state.
  ///
  /// @param ranks that train together
  public int ofState(int ranks) {
    return switch (this) {
      case NONE -> 1;
      case OPTIMIZER -> ranks;
    };
  }
}
