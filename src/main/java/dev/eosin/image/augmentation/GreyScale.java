package dev.eosin.image.augmentation;

import dev.eosin.image.RgbImage;
import dev.eosin.random.RandomStream;

/// Takes the colour out of some tiles: open_clip's `gray_scale_prob`, torchvision's `Grayscale`.
///
/// @param probability of a tile to become grey
public record GreyScale(double probability) implements TileStep {
  @Override
  public RgbImage apply(RgbImage tile, RandomStream random) {
    return random.nextDouble() < probability ? Colours.saturation(tile, 0) : tile;
  }
}
