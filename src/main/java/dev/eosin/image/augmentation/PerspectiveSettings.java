package dev.eosin.image.augmentation;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;

/// `data.image.augment.perspective`: torchvision's `RandomPerspective`, bilinear.
@Doc("Show training tiles as if seen from the side (torchvision's RandomPerspective).")
public record PerspectiveSettings(
    @Doc("Most that a corner moves inwards, as a share of half the side.")
        @OrElse("0.5")
        @Range(min = 0, max = 1)
        double distortion,
    @Doc("Share of the tiles that are changed.") @OrElse("0.5") @Range(min = 0, max = 1)
        double probability) {}
