package dev.eosin.train.optimisers;

import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import java.util.List;
import java.util.Optional;

/// `type: sgd`, as torch's SGD without dampening.
@Named("sgd")
@Doc(
    "Stochastic gradient descent with momentum, as torch's SGD; the decay is added to the gradient. Gains, biases and the logit scale do not decay.")
public record SgdSettings(
    @Doc(LR_DOC) @Range(above = 0) double lr,
    @Doc("Share of the last update's direction that is kept; 0.0 for none.")
        @OrElse("0.9")
        @Range(min = 0, below = 1)
        double momentum,
    @Doc("Whether the step looks ahead along the momentum (Nesterov).") @OrElse("false")
        boolean nesterov,
    @Doc("Weight decay of matrices and embeddings, as a part of the gradient.")
        @OrElse("0.0")
        @Range(min = 0)
        double weightDecay,
    @Doc(CLIP_DOC) @Range(above = 0) Optional<Double> clipNorm,
    @Doc(GROUPS_DOC) @OrElse("[]") List<OptimizerGroup> groups,
    @Doc(LAYER_DECAY_DOC) @OrElse("1.0") @Range(above = 0, max = 1) double layerDecay,
    @Doc(TOGETHER_DOC) @OrElse("together") UpdateTiming updates)
    implements OptimizerSettings {
  /// @throws IllegalArgumentException for Nesterov's step without momentum, and for early updates
  public SgdSettings {
    groups = List.copyOf(groups);
    if (nesterov && momentum == 0) {
      throw new IllegalArgumentException("nesterov: needs a momentum above 0");
    }
    OptimizerSettings.refuseEarly(updates);
  }
}
