package dev.eosin.image.augmentation;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;

/// `data.image.augment.rand-augment`: LAVIS's RandAugment with the ten operations that BLIP's
/// training images get (`blip_image_train`), for which the default says 2 operations of level 5.
///
/// Source: salesforce/LAVIS, `lavis/processors/randaugment.py` and `blip_processors.py`.
@Doc(
    "LAVIS's RandAugment of BLIP's training images: identity, auto contrast, brightness, sharpness,"
        + " equalise, shear, translate and rotate, drawn evenly.")
public record RandAugmentSettings(
    @Doc("How many operations are drawn for a tile; one may be drawn twice.")
        @OrElse("2")
        @Range(min = 0, max = 100)
        int operations,
    @Doc(
            "How strong they are, of 10. Brightness and sharpness have the factor 0.1 + 0.18 x"
                + " level: at 5 they change nothing.")
        @OrElse("5")
        @Range(min = 0, max = 10)
        double level,
    @Doc("Share of the drawn operations that are applied.") @OrElse("0.5") @Range(min = 0, max = 1)
        double probability,
    @Doc(
            "Whose auto contrast: lavis overflows where a channel has no pixel of level 0, and makes"
                + " that channel white; pillow stretches it.")
        @OrElse("lavis")
        AutoContrast autoContrast) {
  /// Whose auto contrast.
  public enum AutoContrast {
    LAVIS,
    PILLOW
  }

  RandAugment step() {
    return new RandAugment(operations, level, probability, autoContrast);
  }
}
