package dev.eosin.bench;

import dev.eosin.tensor.GradientSink;
import dev.eosin.train.optimisers.AdamW;
import java.util.Locale;
import java.util.function.Consumer;

/// How a measured step changes the weights.
public enum Updates {
  /// When all gradients are there.
  TOGETHER,
  /// Each as soon as it is there.
  EARLY;

  private static final double RATE = 1e-5;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// One step.
  ///
  /// @param gradients gives the sink all of them
  void step(AdamW optimiser, Consumer<GradientSink> gradients) {
    switch (this) {
      case TOGETHER -> {
        gradients.accept(optimiser);
        optimiser.update(RATE);
      }
      case EARLY -> gradients.accept(optimiser.early(RATE));
    }
  }
}
