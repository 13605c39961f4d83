package dev.eosin.train.optimisers;

import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import java.util.List;
import java.util.Optional;

/// `type: adamw`, as open_clip uses it.
@Named("adamw")
@Doc("AdamW with decoupled weight decay; gains, biases and the logit scale do not decay.")
public record AdamWSettings(
    @Doc(LR_DOC) @Range(above = 0) double lr,
    @Doc("Decay rates of the two moments.") @Range(min = 0, below = 1) List<Double> betas,
    @Doc("Added to the root of the second moment.") @Range(above = 0) double eps,
    @Doc("Decoupled weight decay of matrices and embeddings.") @Range(min = 0) double weightDecay,
    @Doc(CLIP_DOC) @Range(above = 0) Optional<Double> clipNorm,
    @Doc(GROUPS_DOC) @OrElse("[]") List<OptimizerGroup> groups,
    @Doc(LAYER_DECAY_DOC) @OrElse("1.0") @Range(above = 0, max = 1) double layerDecay,
    @Doc(UPDATES_DOC) @OrElse("together") UpdateTiming updates)
    implements OptimizerSettings {
  /// Every weight alike.
  public AdamWSettings(
      double lr, List<Double> betas, double eps, double weightDecay, Optional<Double> clipNorm) {
    this(lr, betas, eps, weightDecay, clipNorm, List.of(), 1, UpdateTiming.TOGETHER);
  }

  /// @throws IllegalArgumentException unless there are two betas, and for early updates with a clip
  public AdamWSettings {
    betas = OptimizerSettings.checkedBetas(betas, "[0.9, 0.98]");
    groups = List.copyOf(groups);
    OptimizerSettings.requireTogether(updates, clipNorm);
  }
}
