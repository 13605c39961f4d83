package dev.eosin.eval.samples;

import java.util.Optional;

/// What judges: a tile, a slide, a query.
///
/// @param id names it: a path, mostly
/// @param group that it is drawn with in resamples; empty where it is drawn alone
/// @param label its class; empty where it has none
public record Sample(String id, Optional<String> group, Optional<String> label) {
  /// Drawn by itself.
  public static Sample alone(String id) {
    return new Sample(id, Optional.of(id), Optional.empty());
  }

  Sample withLabel(String of) {
    return new Sample(id, group, Optional.of(of));
  }
}
