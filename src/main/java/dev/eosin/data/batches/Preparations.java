package dev.eosin.data.batches;

import dev.eosin.data.order.Preparation;
import dev.eosin.image.transforms.ImageTransforms;
import dev.eosin.text.CaptionEncoder;

/// What happens to samples, by what they are for.
///
/// @param training with everything that training draws
/// @param plain without augmentation: for evaluation, and for a batch that is learned by heart
public record Preparations(Preparation training, Preparation plain) {
  /// Of pairs of one image and one caption.
  public static Preparations ofPairs(ImageTransforms transforms, CaptionEncoder captions) {
    return new Preparations(
        new PairPreparation(transforms.training(), captions),
        new PairPreparation(transforms.evaluation(), captions));
  }
}
