package dev.eosin.train.optimisers;

import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import java.util.List;
import java.util.Optional;

/// `type: lion`, as timm's Lion.
@Named("lion")
@Doc(
    "Lion: steps by the sign of the momentum, with decoupled decay. Take a tenth to a third of AdamW's rate, and three to ten times its decay. Gains, biases and the logit scale do not decay.")
public record LionSettings(
    @Doc(LR_DOC) @Range(above = 0) double lr,
    @Doc("Share of the momentum in the step, and in the next momentum.")
        @OrElse("[0.9, 0.99]")
        @Range(min = 0, below = 1)
        List<Double> betas,
    @Doc("Decoupled weight decay of matrices and embeddings.") @OrElse("0.0") @Range(min = 0)
        double weightDecay,
    @Doc(CLIP_DOC) @Range(above = 0) Optional<Double> clipNorm,
    @Doc(GROUPS_DOC) @OrElse("[]") List<OptimizerGroup> groups,
    @Doc(LAYER_DECAY_DOC) @OrElse("1.0") @Range(above = 0, max = 1) double layerDecay,
    @Doc(TOGETHER_DOC) @OrElse("together") UpdateTiming updates)
    implements OptimizerSettings {
  /// @throws IllegalArgumentException unless there are two betas, and for early updates
  public LionSettings {
    betas = OptimizerSettings.checkedBetas(betas, "[0.9, 0.99]");
    groups = List.copyOf(groups);
    OptimizerSettings.refuseEarly(updates);
  }
}
