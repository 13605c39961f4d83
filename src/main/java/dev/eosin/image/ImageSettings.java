package dev.eosin.image;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import java.util.List;

/// `data.image`: from files to the image tower's input.
@Doc("How images become the image tower's input.")
public record ImageSettings(
    @Doc("Size of the input: one number, or height x width.") InputSize size,
    @Doc("Share of the image's area that a training crop covers, from and to.")
        @OrElse("[0.9, 1.0]")
        @Range(above = 0, max = 1)
        List<Double> cropScale,
    @Doc("Width through height of a training crop, from and to.")
        @OrElse("[0.75, 1.3333333333333333]")
        @Range(above = 0)
        List<Double> cropRatio,
    @Doc("Mirror left and right in half of the training samples.") @OrElse("false")
        boolean flipHorizontal,
    @Doc("Mirror top and bottom in half of the training samples.") @OrElse("false")
        boolean flipVertical,
    @Doc("Turn training samples by 0, 90, 180 or 270 degrees (not square: 0 or 180).")
        @OrElse("false")
        boolean quarterTurns,
    @Doc("How evaluation fits an image: cover the input and cut (shortest), or distort (squash).")
        @OrElse("shortest")
        EvaluationTransform.Fit fit,
    @Doc("Whose evaluation transform to equal; they differ for images that are not RGB.")
        @OrElse("open-clip")
        EvaluationTransform.Rule rule,
    @Doc("How pixels are interpolated, with antialiasing.") @OrElse("bicubic") Filter interpolation,
    @Doc("Mean of red, green and blue in [0, 1].")
        @OrElse("[0.48145466, 0.4578275, 0.40821073]")
        @Range(min = 0, max = 1)
        List<Double> mean,
    @Doc("Standard deviation of red, green and blue in [0, 1].")
        @OrElse("[0.26862954, 0.26130258, 0.27577711]")
        @Range(above = 0)
        List<Double> std,
    @Doc("Width times height above which a file is refused before it is decoded.")
        @OrElse("89478485")
        @Range(min = 1)
        long maxPixels,
    @Doc("Turn images as their EXIF orientation says (apply), or take them as stored (ignore).")
        @OrElse("ignore")
        ExifOrientation exifOrientation) {
  /// Everything but the size at its default: open_clip's settings.
  public static ImageSettings openClip(InputSize size) {
    return new ImageSettings(
        size,
        List.of(0.9, 1.0),
        List.of(3 / 4.0, 4 / 3.0),
        false,
        false,
        false,
        EvaluationTransform.Fit.SHORTEST,
        EvaluationTransform.Rule.OPEN_CLIP,
        Filter.BICUBIC,
        Normalisation.OPENAI.mean(),
        Normalisation.OPENAI.std(),
        ImageDecoder.DEFAULT_MAX_PIXELS,
        ExifOrientation.IGNORE);
  }

  /// @throws IllegalArgumentException naming the key, what was found and what is expected
  public ImageSettings {
    cropScale = List.copyOf(cropScale);
    cropRatio = List.copyOf(cropRatio);
    mean = List.copyOf(mean);
    std = List.copyOf(std);
    requireRange("crop-scale", cropScale, "[0.9, 1.0]");
    requireRange("crop-ratio", cropRatio, "[0.75, 1.3333]");
    if (cropScale.getLast() > 1) {
      throw new IllegalArgumentException(
          "crop-scale: %s reaches above 1, the whole image".formatted(cropScale));
    }
    requireChannels("mean", mean);
    requireChannels("std", std);
    if (rule == EvaluationTransform.Rule.HUGGING_FACE && !size.height().equals(size.width())) {
      throw new IllegalArgumentException(
          "rule: hugging-face knows square inputs only, the size is " + size);
    }
  }

  private static void requireRange(String key, List<Double> range, String example) {
    if (range.size() != 2 || !(range.getFirst() > 0) || !(range.getFirst() <= range.getLast())) {
      throw new IllegalArgumentException(
          "%s: %s is not a range of two numbers above 0, smaller first; write e.g. %s"
              .formatted(key, range, example));
    }
  }

  private static void requireChannels(String key, List<Double> numbers) {
    if (numbers.size() != 3) {
      throw new IllegalArgumentException(
          "%s: %s has %d numbers, expected 3: red, green and blue"
              .formatted(key, numbers, numbers.size()));
    }
  }

  /// What reads image files.
  public ImageDecoder decoder() {
    return new ImageDecoder(maxPixels, exifOrientation);
  }

  /// What turns images of the validation set into inputs.
  public EvaluationTransform evaluation() {
    return new EvaluationTransform(
        rule, fit, size.height().value(), size.width().value(), interpolation);
  }

  /// What turns training images into inputs.
  public TrainingTransform training() {
    return new TrainingTransform(
        size.height().value(),
        size.width().value(),
        new TrainingTransform.Interval(cropScale.getFirst(), cropScale.getLast()),
        new TrainingTransform.Interval(cropRatio.getFirst(), cropRatio.getLast()),
        interpolation,
        new TrainingTransform.Symmetry(flipHorizontal, flipVertical, quarterTurns));
  }

  /// What the device does with the uint8 input.
  public Normalisation normalisation() {
    return new Normalisation(mean, std);
  }
}
