package dev.eosin.image.augmentation;

import dev.eosin.image.Interval;
import dev.eosin.image.RgbImage;
import dev.eosin.random.RandomStream;

/// torchvision's `ColorJitter`: brightness, contrast, saturation and hue changed by random amounts,
/// in random order.
///
/// @param brightness most by which the factor differs from 1; 0 leaves it alone
/// @param contrast likewise
/// @param saturation likewise
/// @param hue most by which the hue turns, as a share of the circle, 0 to 0.5
/// @param probability of a tile to be changed at all (open_clip's `color_jitter_prob`)
public record ColourJitter(
    double brightness, double contrast, double saturation, double hue, double probability)
    implements TileStep {
  @Override
  public RgbImage apply(RgbImage tile, RandomStream random) {
    if (random.nextDouble() >= probability) {
      return tile;
    }
    int[] order = order(random);
    double[] amounts = {
      factor(brightness, random),
      factor(contrast, random),
      factor(saturation, random),
      Interval.around(0, hue).draw(random)
    };
    RgbImage result = tile;
    for (int change : order) {
      result = changed(result, change, amounts[change]);
    }
    return result;
  }

  private RgbImage changed(RgbImage tile, int change, double amount) {
    return switch (change) {
      case 0 -> brightness == 0 ? tile : Colours.brightness(tile, amount);
      case 1 -> contrast == 0 ? tile : Colours.contrast(tile, amount);
      case 2 -> saturation == 0 ? tile : Colours.saturation(tile, amount);
      case 3 -> hue == 0 ? tile : Colours.hue(tile, amount);
      default -> throw new IllegalArgumentException("change " + change);
    };
  }

  private static double factor(double most, RandomStream random) {
    return new Interval(Math.max(0, 1 - most), 1 + most).draw(random);
  }

  private static int[] order(RandomStream random) {
    int[] order = {0, 1, 2, 3};
    for (int i = order.length - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      int held = order[i];
      order[i] = order[other];
      order[other] = held;
    }
    return order;
  }
}
