package dev.eosin.image.transforms;

import dev.eosin.image.Raster;
import dev.eosin.image.RgbImage;
import dev.eosin.random.RandomStream;

/// Turns a decoded image of any size into what the image tower takes; thread safe.
public interface TileTransform {
  /// In pixels.
  int height();

  /// In pixels.
  int width();

  /// Transforms one image.
  ///
  /// @param random draws of this sample's augmentation; an evaluation transform leaves it alone
  /// @return an image of exactly [#width()] x [#height()] pixels
  RgbImage apply(Raster image, RandomStream random);
}
