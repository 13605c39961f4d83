package dev.eosin.export;

import java.util.Optional;

/// What a model reached in an evaluation.
///
/// @param evaluation its name in the recipe
/// @param step updates done when it ran
/// @param interval 95 %, where there is one
public record Score(
    String evaluation, String metric, double value, long step, Optional<Interval> interval) {
  /// Both ends.
  public record Interval(double low, double high) {}
}
