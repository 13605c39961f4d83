package dev.eosin.image.transforms;

/// What turns images into inputs of the image tower.
///
/// @param training draws an augmentation for each sample
/// @param evaluation the same for every pass
public record ImageTransforms(TileTransform training, TileTransform evaluation) {}
