package dev.eosin.train;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;

/// The key `ema` of a recipe: an exponential moving average of the weights, kept beside them.
@Doc("An exponential moving average of the weights, kept beside them.")
public record EmaSettings(
    @Doc("How much of the average stays at each update, e.g. 0.9999.") @Range(min = 0, below = 1)
        double decay,
    @Doc("Whether the decay grows from the start: no more than (1 + n) / (10 + n) at update n.")
        @OrElse("true")
        boolean warmup,
    @Doc("Whether evaluations see the average instead of the weights.") @OrElse("true")
        boolean evaluate,
    @Doc("Whether final/ has the average instead of the weights.") @OrElse("false")
        boolean export) {
  /// How much of the average stays at an update.
  ///
  /// @param update counted from 1
  public double decayAt(long update) {
    return warmup ? Math.min(decay, (1.0 + update) / (10.0 + update)) : decay;
  }
}
