package dev.eosin.image.transforms;

import dev.eosin.image.Filter;
import dev.eosin.image.Raster;
import dev.eosin.image.Resize;
import dev.eosin.image.RgbImage;
import dev.eosin.image.Window;
import dev.eosin.random.RandomStream;

/// The transform before evaluation: resize so that the image covers the model's input, crop the
/// centre, convert to RGB.
///
/// Sources: open_clip `image_transform(is_train=False)` with torchvision on PIL images;
/// transformers' CLIP image processor.
///
/// @param rule whose order of operations and rounding to follow
/// @param fit how the image's shape meets the model's
/// @param height of the model's input, in pixels
/// @param width of the model's input, in pixels
public record EvaluationTransform(Rule rule, Fit fit, int height, int width, Filter filter)
    implements TileTransform {
  /// The peer to be equal to.
  public enum Rule {
    /// Resize and crop in the file's colour mode, then convert; crop offset rounded half to even.
    OPEN_CLIP,
    /// Convert first; crop offset rounded down. Square inputs only.
    HUGGING_FACE
  }

  /// open_clip's `resize_mode`.
  public enum Fit {
    /// Keep the aspect ratio, cover the input, cut off what sticks out.
    SHORTEST,
    /// Resize both sides to the input's, whatever the aspect ratio.
    SQUASH
  }

  public EvaluationTransform {
    if (height < 1 || width < 1) {
      throw new IllegalArgumentException(
          "a model input of %d x %d px (height x width)".formatted(height, width));
    }
    if (rule == Rule.HUGGING_FACE && height != width) {
      throw new IllegalArgumentException(
          "Hugging Face's CLIP knows square inputs only, not %d x %d px (height x width)"
              .formatted(height, width));
    }
  }

  /// open_clip's default: bicubic, shortest side.
  public static EvaluationTransform openClip(int height, int width) {
    return new EvaluationTransform(Rule.OPEN_CLIP, Fit.SHORTEST, height, width, Filter.BICUBIC);
  }

  /// The tile as the model sees it before scaling and normalising, `width` x `height` px.
  public RgbImage apply(Raster image) {
    return switch (rule) {
      case OPEN_CLIP -> resize(image).apply(image).toRgb();
      case HUGGING_FACE -> {
        RgbImage rgb = image.toRgb();
        yield resize(rgb).apply(rgb).toRgb();
      }
    };
  }

  @Override
  public RgbImage apply(Raster image, RandomStream random) {
    return apply(image);
  }

  private Resize resize(Raster image) {
    Window all = Window.whole(image.width(), image.height());
    return switch (fit) {
      case SQUASH -> new Resize(all, width, height, Window.whole(width, height), filter);
      case SHORTEST -> {
        int resizedWidth = coveringWidth(image);
        int resizedHeight = coveringHeight(image);
        int left = cropOffset(resizedWidth, width);
        int top = cropOffset(resizedHeight, height);
        yield new Resize(
            all, resizedWidth, resizedHeight, new Window(left, top, width, height), filter);
      }
    };
  }

  private int coveringWidth(Raster image) {
    if (height == width) {
      return scaledLikeShorterSide(image.width(), Math.min(image.width(), image.height()));
    }
    return (int) Math.rint(image.width() / coveringRatio(image));
  }

  private int coveringHeight(Raster image) {
    if (height == width) {
      return scaledLikeShorterSide(image.height(), Math.min(image.width(), image.height()));
    }
    return (int) Math.rint(image.height() / coveringRatio(image));
  }

  /// torchvision's `Resize(int)`: the shorter side becomes the size, the longer one is cut to an
  /// integer.
  private int scaledLikeShorterSide(int side, int shorterSide) {
    return (int) ((double) ((long) width * side) / shorterSide);
  }

  /// open_clip's `ResizeKeepRatio`, which it uses when the input is not square.
  private double coveringRatio(Raster image) {
    return Math.min((double) image.height() / height, (double) image.width() / width);
  }

  private int cropOffset(int resized, int cropped) {
    return switch (rule) {
      case OPEN_CLIP -> (int) Math.rint((resized - cropped) / 2.0);
      case HUGGING_FACE -> (resized - cropped) / 2;
    };
  }
}
