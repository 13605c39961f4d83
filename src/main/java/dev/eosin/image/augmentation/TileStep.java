package dev.eosin.image.augmentation;

import dev.eosin.image.RgbImage;
import dev.eosin.random.RandomStream;

/// One change of a training tile after it has been cropped. Each step draws what it needs from the
/// sample's own stream and keeps the tile's size (but for quarter turns, which a square keeps).
public sealed interface TileStep
    permits Symmetry, RandAugment, Affine, Perspective, ColourJitter, GreyScale, StainJitter {
  RgbImage apply(RgbImage tile, RandomStream random);
}
