package dev.eosin.image.augmentation;

import dev.eosin.image.Orientation;
import dev.eosin.image.RgbImage;
import dev.eosin.random.RandomStream;

/// Changes under which tissue stays tissue. Each one that is on is drawn for each sample.
///
/// @param quarterTurns 0, 90, 180 or 270 degrees; only 0 or 180 where the input is not square
public record Symmetry(boolean flipHorizontal, boolean flipVertical, boolean quarterTurns)
    implements TileStep {
  public static final Symmetry NONE = new Symmetry(false, false, false);

  @Override
  public RgbImage apply(RgbImage tile, RandomStream random) {
    RgbImage result = tile;
    if (flipHorizontal && random.nextBoolean()) {
      result = Orientation.mirrored(result);
    }
    if (flipVertical && random.nextBoolean()) {
      result = Orientation.turned(Orientation.mirrored(result), 2);
    }
    if (quarterTurns) {
      boolean square = tile.height() == tile.width();
      result = Orientation.turned(result, square ? random.nextInt(4) : 2 * random.nextInt(2));
    }
    return result;
  }
}
