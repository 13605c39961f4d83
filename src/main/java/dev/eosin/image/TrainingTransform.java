package dev.eosin.image;

import dev.eosin.tensor.RandomStream;

/// open_clip's training augmentation: a random crop of random area and aspect ratio, resized to the
/// input in the file's colour mode, then converted to RGB; on request also turned and mirrored.
///
/// Source: torchvision `RandomResizedCrop` (Szegedy et al. 2014, section 6). The distribution is
/// torchvision's, the numbers are those of the sample's own stream.
///
/// @param height of the input, in pixels
/// @param width of the input, in pixels
/// @param area of the crop as a share of the image's
/// @param aspectRatio of the crop, width through height; drawn evenly in its logarithm
public record TrainingTransform(
    int height, int width, Interval area, Interval aspectRatio, Filter filter, Symmetry symmetry)
    implements TileTransform {
  /// torchvision's number of tries before it takes the centre.
  private static final int TRIES = 10;

  /// Both ends included.
  public record Interval(double from, double to) {
    double draw(RandomStream random) {
      return from + (to - from) * random.nextDouble();
    }
  }

  /// Changes under which tissue stays tissue. Each one that is on is drawn for each sample.
  ///
  /// @param quarterTurns 0, 90, 180 or 270 degrees; only 0 or 180 where the input is not square
  public record Symmetry(boolean flipHorizontal, boolean flipVertical, boolean quarterTurns) {
    public static final Symmetry NONE = new Symmetry(false, false, false);
  }

  @Override
  public RgbImage apply(Raster image, RandomStream random) {
    Window crop = crop(image.width(), image.height(), random);
    Resize resize = new Resize(crop, width, height, Window.whole(width, height), filter);
    return symmetric(resize.apply(image).toRgb(), random);
  }

  /// The part of an image that becomes the input.
  Window crop(int imageWidth, int imageHeight, RandomStream random) {
    double pixels = (double) imageHeight * imageWidth;
    Interval logarithm = new Interval(Math.log(aspectRatio.from), Math.log(aspectRatio.to));
    for (int attempt = 0; attempt < TRIES; attempt++) {
      double target = pixels * area.draw(random);
      double ratio = Math.exp(logarithm.draw(random));
      int cropWidth = (int) Math.rint(Math.sqrt(target * ratio));
      int cropHeight = (int) Math.rint(Math.sqrt(target / ratio));
      boolean inside = cropWidth <= imageWidth && cropHeight <= imageHeight;
      if (inside && cropWidth > 0 && cropHeight > 0) {
        int top = random.nextInt(imageHeight - cropHeight + 1);
        int left = random.nextInt(imageWidth - cropWidth + 1);
        return new Window(left, top, cropWidth, cropHeight);
      }
    }
    return centre(imageWidth, imageHeight);
  }

  /// The largest centred part whose aspect ratio is allowed.
  private Window centre(int imageWidth, int imageHeight) {
    double ratio = (double) imageWidth / imageHeight;
    int cropWidth = imageWidth;
    int cropHeight = imageHeight;
    if (ratio < aspectRatio.from) {
      cropHeight = Math.max(1, (int) Math.rint(imageWidth / aspectRatio.from));
    } else if (ratio > aspectRatio.to) {
      cropWidth = Math.max(1, (int) Math.rint(imageHeight * aspectRatio.to));
    }
    return new Window(
        (imageWidth - cropWidth) / 2, (imageHeight - cropHeight) / 2, cropWidth, cropHeight);
  }

  private RgbImage symmetric(RgbImage tile, RandomStream random) {
    RgbImage result = tile;
    if (symmetry.flipHorizontal && random.nextBoolean()) {
      result = Orientation.mirrored(result);
    }
    if (symmetry.flipVertical && random.nextBoolean()) {
      result = Orientation.turned(Orientation.mirrored(result), 2);
    }
    if (symmetry.quarterTurns) {
      result =
          Orientation.turned(result, height == width ? random.nextInt(4) : 2 * random.nextInt(2));
    }
    return result;
  }
}
