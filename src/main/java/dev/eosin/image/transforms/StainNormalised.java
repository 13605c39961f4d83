package dev.eosin.image.transforms;

import dev.eosin.image.Raster;
import dev.eosin.image.RgbImage;
import dev.eosin.random.RandomStream;

/// A transform before which every image gets the stains of a reference.
record StainNormalised(StainNormaliser stains, TileTransform next) implements TileTransform {
  @Override
  public int height() {
    return next.height();
  }

  @Override
  public int width() {
    return next.width();
  }

  @Override
  public RgbImage apply(Raster image, RandomStream random) {
    return next.apply(stains.apply(image.toRgb()), random);
  }
}
