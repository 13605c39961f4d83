package dev.eosin.train;

import dev.eosin.config.Steps;

/// One entry of `evaluate`: what is measured while training, and how often. Changing it never
/// changes the trained weights. Each family narrows it to the kinds that it can run.
public interface EvaluationSettings {
  /// Names the evaluation in logs.
  String name();

  /// How often it runs; it also runs before the first update and after the last.
  Steps every();

  /// Refuses what all kinds refuse.
  ///
  /// @throws IllegalArgumentException when the name or the cadence make no sense
  static void check(String name, Steps every) {
    if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,63}")) {
      throw new IllegalArgumentException(
          "name: '%s' is not a name of letters, digits, '.', '_' and '-'".formatted(name));
    }
    if (every.value() < 1) {
      throw new IllegalArgumentException("every: at least '1 step' is needed");
    }
  }
}
