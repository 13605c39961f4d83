package dev.eosin.albef;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import dev.eosin.config.Steps;

/// `contrast`: how images and texts are drawn together.
@Doc("How images and texts are drawn together, by encoders that follow those that are trained.")
public record ContrastSettings(
    @Doc("Size of the vectors that images and texts are compared by.")
        @OrElse("256")
        @Range(min = 1)
        int embedSize,
    @Doc("Earlier pairs that a batch is told apart from; a multiple of batch.global.")
        @OrElse("57600")
        @Range(min = 1, max = 16777216)
        int queue,
    @Doc("How much of the momentum encoders stays at each update.")
        @OrElse("0.995")
        @Range(min = 0, below = 1)
        double momentum,
    @Doc("The temperature that training begins with; it is trained, and kept within 0.001 to 0.5.")
        @OrElse("0.07")
        @Range(min = 0.001, max = 0.5)
        double temperature,
    @Doc("Share of the targets that is what the momentum encoders find.")
        @OrElse("0.4")
        @Range(min = 0, max = 1)
        double alpha,
    @Doc("Steps over which that share grows from 0; ALBEF's first epoch.") @OrElse("0 steps")
        Steps alphaWarmup) {
  /// The momentum encoders' share of the targets.
  ///
  /// @param step counted from 0
  public double alphaAt(long step) {
    return step >= alphaWarmup.value() ? alpha : alpha * step / alphaWarmup.value();
  }
}
