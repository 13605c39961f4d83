package dev.eosin.image.augmentation;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;

/// `data.image.augment.stain-jitter`: Tellez et al. 2018.
@Doc("Vary how strongly training tiles are stained with haematoxylin, eosin and DAB.")
public record StainJitterSettings(
    @Doc("Most by which each stain's factor differs from 1.")
        @OrElse("0.05")
        @Range(min = 0, max = 1)
        double scale,
    @Doc("Most by which each stain is shifted, in optical density (natural logarithm).")
        @OrElse("0.05")
        @Range(min = 0, max = 2)
        double shift) {}
