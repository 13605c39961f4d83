package dev.eosin.clip;

import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import dev.eosin.data.batches.Batch;
import dev.eosin.data.batches.RowMarks;
import java.util.Arrays;
import java.util.Optional;

/// The key `loss` of a CLIP recipe: what a batch of pairs is trained for.
@Doc("What a batch of pairs is trained for.")
public sealed interface LossSettings {
  /// Which captions of a batch belong to an image.
  @Doc("Which captions of a batch belong to an image.")
  enum Positives {
    /// The one it came with.
    OWN_CAPTION,
    /// Every one whose sample has the captions of its own, as samples of a class with templates
    /// have: compared before one of several captions is drawn, put into a template or cut.
    EQUAL_CAPTIONS,
    /// Every one whose sample has the same label.
    SAME_LABEL,
    /// Every one of the same image, for tables with a row for each caption of an image.
    SAME_IMAGE;

    /// By which rows of a batch share their positives; none where each has its own.
    Optional<RowMarks> marks(Batch batch) {
      return switch (this) {
        case OWN_CAPTION -> Optional.empty();
        case EQUAL_CAPTIONS -> Optional.of(batch.equalCaptions());
        case SAME_LABEL -> Optional.of(batch.equalLabels());
        case SAME_IMAGE -> Optional.of(batch.equalImages());
      };
    }
  }

  /// What the positives of a recipe mean, in words.
  String POSITIVES_DOC =
      "Which captions of a batch belong to an image: its own; every one whose sample has the same"
          + " captions before one is drawn, put into a template or cut (equal-captions); every one"
          + " with the same label (same-label); every one of the same image (same-image). Where no"
          + " two samples of a batch are alike in this, all are own-caption and the loss is the"
          + " same, as with captions that are all different.";

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
      @Doc(POSITIVES_DOC) @OrElse("own-caption") Positives positives,
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
  record SigLip(@Doc(POSITIVES_DOC) @OrElse("own-caption") Positives positives)
      implements LossSettings {
    /// One positive each.
    public SigLip() {
      this(Positives.OWN_CAPTION);
    }
  }

  /// Which captions of a batch belong to an image.
  Positives positives();

  /// For each of the b rows the first one that a model cannot be asked to tell it from: rows that
  /// share their positives or, with one positive each, rows with equal captions.
  default int[] indistinct(Batch batch) {
    return positives()
        .marks(batch)
        .map(RowMarks::classes)
        .orElseGet(() -> Arrays.copyOf(batch.captionClasses(), batch.size()));
  }

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
