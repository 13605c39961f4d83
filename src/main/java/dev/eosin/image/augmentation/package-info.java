/// What training does to a tile beyond cropping it: colours, stains, warps, drawn from keys; and
/// what a recipe says of it.
///
/// Ring 1, above `image`. Start reading at [TileStep] and [AugmentationSettings].
@NullMarked
package dev.eosin.image.augmentation;

import org.jspecify.annotations.NullMarked;
