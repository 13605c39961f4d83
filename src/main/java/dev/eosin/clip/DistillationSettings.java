package dev.eosin.clip;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;

/// The key `loss.distillation` of a CLIP recipe.
///
/// @param weight what the distillation loss is multiplied by before it is added
public record DistillationSettings(
    @Doc("A trained CLIP for the same images and token ids; it stays as it is.")
        ModelSettings teacher,
    @Doc("Weight of the distillation loss beside the contrastive one.")
        @OrElse("1.0")
        @Range(above = 0)
        double weight) {
  /// @throws IllegalArgumentException when the teacher is no trained model
  public DistillationSettings {
    if (teacher.loadedTower().isPresent()) {
      throw new IllegalArgumentException(
          "teacher: has an image-tower, which makes a new model; name a trained one");
    }
  }
}
