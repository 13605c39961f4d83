package dev.eosin.clip;

import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import java.util.Optional;

/// The key `loss` of a CLIP recipe: what a batch of pairs is trained for.
@Doc("What a batch of pairs is trained for.")
public sealed interface LossSettings {
  /// Which captions of a batch belong to an image.
  @Doc("Which captions of a batch belong to an image.")
  enum Positives {
    /// The one it came with.
    OWN_CAPTION,
    /// Every one that is equal to its own, as captions made of classes often are.
    EQUAL_CAPTIONS
  }

  /// Which pair of the batch belongs together, asked in both directions (Radford et al. 2021,
  /// section 2.3; open_clip's ClipLoss). Several positives share the target evenly (UniCL, Yang et
  /// al. 2022, arXiv 2204.03610, section 3.2).
  @Named("contrastive")
  @Doc("Cross entropy over the batch in both directions: CLIP's loss.")
  record Contrastive(
      @Doc("Share of the target that is spread over all pairs of the batch.")
          @OrElse("0.0")
          @Range(min = 0, below = 1)
          double labelSmoothing,
      @Doc("Which captions of a batch belong to an image.") @OrElse("own-caption")
          Positives positives,
      @Doc("A teacher whose similarities are learned too, as open_clip's distillation does.")
          Optional<DistillationSettings> distillation)
      implements LossSettings {
    /// One positive each and no teacher.
    public Contrastive(double labelSmoothing) {
      this(labelSmoothing, Positives.OWN_CAPTION, Optional.empty());
    }
  }

  /// Every image with every text on its own: do they belong together (Zhai et al. 2023, arXiv
  /// 2303.15343; open_clip's SigLipLoss).
  @Named("siglip")
  @Doc(
      "A yes or no for every image with every text: SigLIP's loss, with a logit bias that is trained too.")
  record SigLip(
      @Doc("Which captions of a batch belong to an image.") @OrElse("own-caption")
          Positives positives)
      implements LossSettings {
    /// One positive each.
    public SigLip() {
      this(Positives.OWN_CAPTION);
    }
  }

  /// Which captions of a batch belong to an image.
  Positives positives();

  /// Whether the model has a logit bias for it.
  default boolean biased() {
    return switch (this) {
      case Contrastive contrastive -> false;
      case SigLip siglip -> true;
    };
  }

  /// The teacher to learn from, where there is one.
  default Optional<DistillationSettings> teaching() {
    return switch (this) {
      case Contrastive contrastive -> contrastive.distillation();
      case SigLip siglip -> Optional.empty();
    };
  }
}
