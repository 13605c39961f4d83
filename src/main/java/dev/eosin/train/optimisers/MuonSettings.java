package dev.eosin.train.optimisers;

import dev.eosin.config.Checked;
import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// `type: muon`, as torch's Muon, with AdamW for the rest.
@Named("muon")
@Doc(
    "Muon for the matrices of blocks: the momentum is made nearly orthogonal before each step. AdamW for all other weights, at the same rate. Gains, biases and the logit scale do not decay.")
public record MuonSettings(
    @Doc(LR_DOC) @Range(above = 0) double lr,
    @Doc("Share of the last update's direction that is kept, of matrices.")
        @OrElse("0.95")
        @Range(min = 0, below = 1)
        double momentum,
    @Doc("Whether the step looks ahead along the momentum (Nesterov).") @OrElse("true")
        boolean nesterov,
    @Doc(
            "Factor of the rate by a matrix's shape [rows, columns]. match-adamw: 0.2 times the root of the larger one, so that rates of AdamW fit; original: the root of rows / columns, at least 1.")
        @OrElse("match-adamw")
        Scale scale,
    @Doc(
            "Names of the matrices, with * and ** as in groups; weights of one dimension are never among them.")
        @OrElse("\"**.blocks.**\"")
        String matrices,
    @Doc("Decay rates of AdamW's moments, of the other weights.")
        @OrElse("[0.9, 0.95]")
        @Range(min = 0, below = 1)
        List<Double> betas,
    @Doc("Added to the root of AdamW's second moment.") @OrElse("1.0e-8") @Range(above = 0)
        double eps,
    @Doc("Decoupled weight decay of matrices and embeddings.") @OrElse("0.1") @Range(min = 0)
        double weightDecay,
    @Doc(CLIP_DOC) @Range(above = 0) Optional<Double> clipNorm,
    @Doc(GROUPS_DOC) @OrElse("[]") List<OptimizerGroup> groups,
    @Doc(LAYER_DECAY_DOC) @OrElse("1.0") @Range(above = 0, max = 1) double layerDecay,
    @Doc(TOGETHER_DOC) @OrElse("together") UpdateTiming updates)
    implements OptimizerSettings {
  private static final double ROOT_MEAN_SQUARE_OF_ADAMW = 0.2;

  /// How the rate depends on a matrix's shape.
  public enum Scale {
    MATCH_ADAMW,
    ORIGINAL;

    /// The factor.
    double of(long rows, long columns) {
      return switch (this) {
        case MATCH_ADAMW -> ROOT_MEAN_SQUARE_OF_ADAMW * Math.sqrt(Math.max(rows, columns));
        case ORIGINAL -> Math.sqrt(Math.max(1, (double) rows / columns));
      };
    }
  }

  /// @throws IllegalArgumentException unless there are two betas, for early updates
  public MuonSettings {
    betas = OptimizerSettings.checkedBetas(betas, "[0.9, 0.95]");
    groups = List.copyOf(groups);
    OptimizerSettings.refuseEarly(updates);
  }

  /// Whether a weight of this name is one of the matrices, if it is a matrix.
  boolean isHidden(String name) {
    return new OptimizerGroup(matrices, 1, Optional.empty()).matches(name);
  }

  @Override
  public void check(Collection<String> names, Checked.Findings findings) {
    OptimizerSettings.super.check(names, findings);
    if (names.stream().noneMatch(this::isHidden)) {
      findings.add(
          "matrices", "'%s' is the name of no trained weight; take adamw".formatted(matrices));
    }
  }
}
