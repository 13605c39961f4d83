package dev.eosin.image.transforms;

import dev.eosin.config.DataException;
import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import dev.eosin.image.Filter;
import dev.eosin.image.Interval;
import dev.eosin.image.augmentation.AugmentationSettings;
import dev.eosin.image.augmentation.Symmetry;
import dev.eosin.image.augmentation.TileStep;
import dev.eosin.image.formats.ExifOrientation;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.image.formats.JpegDecoding;
import dev.eosin.image.formats.TurboJpeg;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

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
        ExifOrientation exifOrientation,
    @Doc(
            "Decode JPEGs to Pillow's pixels (exact), or at the smallest of 1/2, 1/4 and 1/8 of"
                + " their size that covers every crop (fast: other pixels, needs libturbojpeg).")
        @OrElse("exact")
        JpegDecoding.Mode jpegDecode,
    @Doc(
            "libturbojpeg, which decodes JPEGs faster: searched by name (auto), not used (off), or"
                + " its file.")
        @OrElse("auto")
        String libturbojpeg,
    @Doc("Further augmentation of training samples.") @OrElse("{}") AugmentationSettings augment,
    @Doc("Give every image the stains of a reference.")
        Optional<StainNormaliseSettings> stainNormalise) {
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
        ExifOrientation.IGNORE,
        JpegDecoding.Mode.EXACT,
        "auto",
        AugmentationSettings.NONE,
        Optional.empty());
  }

  /// Images of a tower that was trained by others, none of them augmented; everything else at its
  /// default.
  public static ImageSettings plain(InputSize size, Normalisation normalisation) {
    return new ImageSettings(
        size,
        List.of(1.0, 1.0),
        List.of(1.0, 1.0),
        false,
        false,
        false,
        EvaluationTransform.Fit.SHORTEST,
        EvaluationTransform.Rule.OPEN_CLIP,
        Filter.BICUBIC,
        normalisation.mean(),
        normalisation.std(),
        ImageDecoder.DEFAULT_MAX_PIXELS,
        ExifOrientation.IGNORE,
        JpegDecoding.Mode.EXACT,
        "auto",
        AugmentationSettings.NONE,
        Optional.empty());
  }

  /// These settings with images fitted to the input in another way.
  public ImageSettings evaluatedLike(
      EvaluationTransform.Rule otherRule,
      EvaluationTransform.Fit otherFit,
      Filter otherInterpolation) {
    return new ImageSettings(
        size,
        cropScale,
        cropRatio,
        flipHorizontal,
        flipVertical,
        quarterTurns,
        otherFit,
        otherRule,
        otherInterpolation,
        mean,
        std,
        maxPixels,
        exifOrientation,
        jpegDecode,
        libturbojpeg,
        augment,
        stainNormalise);
  }

  /// These settings with JPEGs decoded in another way.
  ///
  /// @param library as the key `libturbojpeg`
  public ImageSettings withJpeg(JpegDecoding.Mode mode, String library) {
    return new ImageSettings(
        size,
        cropScale,
        cropRatio,
        flipHorizontal,
        flipVertical,
        quarterTurns,
        fit,
        rule,
        interpolation,
        mean,
        std,
        maxPixels,
        exifOrientation,
        mode,
        library,
        augment,
        stainNormalise);
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
    if (!libturbojpeg.equals("auto") && !libturbojpeg.equals("off")) {
      TurboJpeg.at(Path.of(libturbojpeg));
    }
    int side = Math.max(size.height().value(), size.width().value());
    if (augment.resizeFirst().isPresent() && augment.resizeFirst().get().value() < side) {
      throw new IllegalArgumentException(
          "augment.resize-first: %s is less than the input's %d px"
              .formatted(augment.resizeFirst().get(), side));
    }
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
    OptionalInt enough =
        switch (jpegDecode) {
          case EXACT -> OptionalInt.empty();
          case FAST -> OptionalInt.of(shortestSideNeeded());
        };
    return new ImageDecoder(maxPixels, exifOrientation, new JpegDecoding(turboJpeg(), enough));
  }

  private Optional<TurboJpeg> turboJpeg() {
    return switch (libturbojpeg) {
      case "auto" -> TurboJpeg.find();
      case "off" -> Optional.empty();
      default -> Optional.of(TurboJpeg.at(Path.of(libturbojpeg)));
    };
  }

  /// In pixels: the shortest side at which no crop has to be enlarged.
  ///
  /// A crop of the share s of the area that fits into the image has at least the share s of each
  /// side, and at least the share sqrt(s r) of the shorter one at its most extreme aspect ratio r.
  private int shortestSideNeeded() {
    if (augment.resizeFirst().isPresent()) {
      return augment.resizeFirst().get().value();
    }
    double share = cropScale.getFirst();
    int side = Math.max(size.height().value(), size.width().value());
    double ratio = Math.min(cropRatio.getFirst(), 1 / cropRatio.getLast());
    return (int) Math.ceil(side / Math.max(share, Math.sqrt(share * Math.min(1, ratio))));
  }

  /// What a user should know about these settings on this machine, one line each.
  public List<String> notes() {
    return switch (jpegDecode) {
      case EXACT -> List.of();
      case FAST ->
          List.of(
              turboJpeg().isPresent()
                  ? "data.image.jpeg-decode is fast: large JPEGs are decoded at a part of their"
                      + " size, their pixels are not exactly those of open_clip"
                  : "data.image.jpeg-decode is fast, but there is no libturbojpeg: JPEGs are"
                      + " decoded exactly; install libturbojpeg 2 or newer");
    };
  }

  /// What turns images into inputs.
  ///
  /// @throws DataException when the reference of the stains cannot be used
  public ImageTransforms transforms() throws DataException {
    if (stainNormalise.isEmpty()) {
      return new ImageTransforms(training(), evaluation());
    }
    StainNormaliser stains = StainNormaliser.of(stainNormalise.get().reference());
    return new ImageTransforms(
        new StainNormalised(stains, training()), new StainNormalised(stains, evaluation()));
  }

  /// What evaluation does, but for the change of stains that [#transforms()] puts before it.
  public EvaluationTransform evaluation() {
    return new EvaluationTransform(
        rule, fit, size.height().value(), size.width().value(), interpolation);
  }

  /// What training does, but for the change of stains that [#transforms()] puts before it.
  public TrainingTransform training() {
    Crop crop =
        augment.resizeFirst().isPresent()
            ? new Crop.OfResized(augment.resizeFirst().get().value())
            : new Crop.OfRandomSize(interval(cropScale), interval(cropRatio));
    List<TileStep> steps = new ArrayList<>();
    Symmetry symmetry = new Symmetry(flipHorizontal, flipVertical, quarterTurns);
    if (!symmetry.equals(Symmetry.NONE)) {
      steps.add(symmetry);
    }
    steps.addAll(augment.steps());
    return new TrainingTransform(
        size.height().value(), size.width().value(), crop, interpolation, steps);
  }

  private static Interval interval(List<Double> range) {
    return new Interval(range.getFirst(), range.getLast());
  }

  /// What makes a sample another image each time that training shows it; empty where nothing does.
  public Optional<String> augmented() {
    if (!augment.equals(AugmentationSettings.NONE)) {
      return Optional.of("augment changes them");
    }
    if (flipHorizontal || flipVertical || quarterTurns) {
      return Optional.of("they are mirrored or turned");
    }
    boolean whole = cropScale.getFirst() == 1 && cropRatio.getFirst() == 1;
    return whole && cropRatio.getLast() == 1
        ? Optional.empty()
        : Optional.of(
            "crop-scale %s and crop-ratio %s cut them anew".formatted(cropScale, cropRatio));
  }

  /// What the device does with the uint8 input.
  public Normalisation normalisation() {
    return new Normalisation(mean, std);
  }
}
