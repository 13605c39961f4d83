package dev.eosin.image.transforms;

import dev.eosin.image.Filter;
import dev.eosin.image.Interval;
import dev.eosin.image.Raster;
import dev.eosin.image.Resize;
import dev.eosin.image.Window;
import dev.eosin.random.RandomStream;

/// Which part of an image becomes a training input, and how it is resized.
public sealed interface Crop {
  /// Draws a crop of an image.
  ///
  /// @param width of the input, in pixels
  /// @param height of the input, in pixels
  Resize draw(Raster image, int width, int height, Filter filter, RandomStream random);

  /// A window of random area and aspect ratio, resized to the input: torchvision's
  /// `RandomResizedCrop` (Szegedy et al. 2014, section 6), which open_clip uses.
  ///
  /// @param area of the crop as a share of the image's
  /// @param aspectRatio of the crop, width through height; drawn evenly in its logarithm
  record OfRandomSize(Interval area, Interval aspectRatio) implements Crop {
    /// torchvision's number of tries before it takes the centre.
    private static final int TRIES = 10;

    @Override
    public Resize draw(Raster image, int width, int height, Filter filter, RandomStream random) {
      Window window = window(image.width(), image.height(), random);
      return new Resize(window, width, height, Window.whole(width, height), filter);
    }

    /// The part of an image that becomes the input.
    public Window window(int imageWidth, int imageHeight, RandomStream random) {
      double pixels = (double) imageHeight * imageWidth;
      Interval logarithm = new Interval(Math.log(aspectRatio.from()), Math.log(aspectRatio.to()));
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
      if (ratio < aspectRatio.from()) {
        cropHeight = Math.max(1, (int) Math.rint(imageWidth / aspectRatio.from()));
      } else if (ratio > aspectRatio.to()) {
        cropWidth = Math.max(1, (int) Math.rint(imageHeight * aspectRatio.to()));
      }
      return new Window(
          (imageWidth - cropWidth) / 2, (imageHeight - cropHeight) / 2, cropWidth, cropHeight);
    }
  }

  /// The image resized so that its shorter side has a certain length, then a window of the input's
  /// size anywhere in it: torchvision's `Resize` and `RandomCrop`, which PLIP uses.
  ///
  /// @param shorterSide in pixels, no less than either side of the input
  record OfResized(int shorterSide) implements Crop {
    @Override
    public Resize draw(Raster image, int width, int height, Filter filter, RandomStream random) {
      int shorter = Math.min(image.width(), image.height());
      int resizedWidth = (int) ((double) ((long) shorterSide * image.width()) / shorter);
      int resizedHeight = (int) ((double) ((long) shorterSide * image.height()) / shorter);
      int top = random.nextInt(resizedHeight - height + 1);
      int left = random.nextInt(resizedWidth - width + 1);
      Window whole = Window.whole(image.width(), image.height());
      Window keep = new Window(left, top, width, height);
      return new Resize(whole, resizedWidth, resizedHeight, keep, filter);
    }
  }
}
