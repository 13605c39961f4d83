package dev.eosin.run;

import dev.eosin.experiment.Opened;
import dev.eosin.experiment.RunSettings;
import dev.eosin.train.AdamW;
import dev.eosin.train.AdamWSettings;

/// Makes the optimiser that a recipe asks for.
final class Optimisers {
  private Optimisers() {}

  /// Of the weights that are trained; with moments of zero.
  static AdamW of(RunSettings settings, Opened opened) {
    return switch (settings.optimizer()) {
      case AdamWSettings adamW ->
          new AdamW(opened.learner().parameters(), adamW, opened.rateScales());
    };
  }
}
