package dev.eosin.clip;

import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;

/// The key `loss` of a CLIP recipe: what a batch of pairs is trained for.
@Doc("What a batch of pairs is trained for.")
public sealed interface LossSettings {
  /// Which pair of the batch belongs together, asked in both directions (Radford et al. 2021,
  /// section 2.3; open_clip's ClipLoss).
  @Named("contrastive")
  @Doc("Cross entropy over the batch in both directions: CLIP's loss.")
  record Contrastive(
      @Doc("Share of the target that is spread over all pairs of the batch.")
          @OrElse("0.0")
          @Range(min = 0, below = 1)
          double labelSmoothing)
      implements LossSettings {}

  /// Every image with every text on its own: do they belong together (Zhai et al. 2023, arXiv
  /// 2303.15343; open_clip's SigLipLoss).
  @Named("siglip")
  @Doc(
      "A yes or no for every image with every text: SigLIP's loss, with a logit bias that is trained too.")
  record SigLip() implements LossSettings {}

  /// Whether the model has a logit bias for it.
  default boolean biased() {
    return switch (this) {
      case Contrastive contrastive -> false;
      case SigLip siglip -> true;
    };
  }
}
