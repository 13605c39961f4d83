/// Decoding, Pillow-exact resizing, cropping and augmentation of tiles, all on plain byte arrays.
///
/// Ring 1: may use config and tensor. Start reading at `Raster` (what decoding gives), then
/// `ImageDecoder`, `Resize` and `EvaluationTransform`; training is `TrainingTransform`, a `Crop`
/// and a list of `TileStep`s.
@NullMarked
package dev.eosin.image;

import org.jspecify.annotations.NullMarked;
