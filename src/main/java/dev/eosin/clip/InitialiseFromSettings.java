package dev.eosin.clip;

import dev.eosin.config.Bare;
import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.train.WeightsPart;
import java.nio.file.Path;

/// The key `initialise-from` of a recipe: the run whose weights training starts from.
@Doc(
    "The second of two stages: another run's weights, to start from at step 0 with an optimiser of this run's own; no resume. The model must be that run's, but for the logit bias of SigLIP's loss. Adapters that run trained (lora) are merged into the weights first.")
public record InitialiseFromSettings(
    @Doc("The run folder; its newest sound checkpoint is taken.") @Bare Path run,
    @Doc("The weights, or the moving average that ema kept of them.") @OrElse("weights")
        WeightsPart part) {
  /// The same as weights.
  public WeightsSettings weights() {
    return new WeightsSettings.Run(run, part);
  }
}
