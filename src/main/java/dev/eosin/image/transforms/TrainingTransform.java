package dev.eosin.image.transforms;

import dev.eosin.image.Filter;
import dev.eosin.image.Raster;
import dev.eosin.image.RgbImage;
import dev.eosin.image.augmentation.TileStep;
import dev.eosin.random.RandomStream;
import java.util.List;

/// What training does to an image: a random crop resized to the input in the file's colour mode,
/// then converted to RGB, then a list of steps in their order.
///
/// The distributions are torchvision's, the numbers are those of the sample's own stream. Steps
/// that are off are not in the list and draw nothing.
///
/// @param height of the input, in pixels
/// @param width of the input, in pixels
public record TrainingTransform(
    int height, int width, Crop crop, Filter filter, List<TileStep> steps)
    implements TileTransform {
  public TrainingTransform {
    steps = List.copyOf(steps);
  }

  @Override
  public RgbImage apply(Raster image, RandomStream random) {
    RgbImage tile = crop.draw(image, width, height, filter, random).apply(image).toRgb();
    for (TileStep step : steps) {
      tile = step.apply(tile, random);
    }
    return tile;
  }
}
