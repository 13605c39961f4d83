package dev.eosin.image.augmentation;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Pixels;
import dev.eosin.config.Range;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// `data.image.augment`: what training does to a tile beyond cropping, flipping and turning it.
///
/// PLIP's set is `{ resize-first: 512 px, affine: { degrees: 10, translate: 0.1, scale: [0.8, 1.2],
/// shear: [-15, 15] }, perspective: { distortion: 0.3, probability: 0.3 } }` with `flip-horizontal:
/// true`; open_clip's `--aug-cfg` is `color-jitter` and `gray-scale-probability` with `crop-scale`
/// and `crop-ratio`; BLIP's images are `{ rand-augment: {} }` with `crop-scale: [0.5, 1]` and
/// `flip-horizontal: true`.
@Doc("What training does to tiles beyond cropping, flipping and turning them.")
public record AugmentationSettings(
    @Doc(
            "Resize the shorter side to this and cut a window of the input's size anywhere (PLIP:"
                + " 512 px), instead of a crop by crop-scale and crop-ratio.")
        Optional<Pixels> resizeFirst,
    @Doc("LAVIS's RandAugment, first of all.") Optional<RandAugmentSettings> randAugment,
    @Doc("Affine changes of shape, after it.") Optional<AffineSettings> affine,
    @Doc("Changes of perspective, after them.") Optional<PerspectiveSettings> perspective,
    @Doc("Level of what comes from outside a tile.") @OrElse("127") @Range(min = 0, max = 255)
        int fill,
    @Doc("Most change of brightness, contrast, saturation and hue (torchvision's ColorJitter).")
        @OrElse("[]")
        @Range(min = 0)
        List<Double> colorJitter,
    @Doc("Share of the tiles whose colours are changed.") @OrElse("1") @Range(min = 0, max = 1)
        double colorJitterProbability,
    @Doc("Share of the tiles that lose their colour.") @OrElse("0") @Range(min = 0, max = 1)
        double grayScaleProbability,
    @Doc("Changes of staining, last.") Optional<StainJitterSettings> stainJitter) {
  /// Nothing.
  public static final AugmentationSettings NONE =
      new AugmentationSettings(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          127,
          List.of(),
          1,
          0,
          Optional.empty());

  /// @throws IllegalArgumentException naming the key, what was found and what is expected
  public AugmentationSettings {
    colorJitter = List.copyOf(colorJitter);
    if (!colorJitter.isEmpty() && colorJitter.size() != 4) {
      throw new IllegalArgumentException(
          "color-jitter: %s has %d numbers, expected 4: brightness, contrast, saturation and hue"
              .formatted(colorJitter, colorJitter.size()));
    }
    if (!colorJitter.isEmpty() && colorJitter.getLast() > 0.5) {
      throw new IllegalArgumentException(
          "color-jitter: hue %s is above 0.5, half the circle".formatted(colorJitter.getLast()));
    }
  }

  /// The steps that are on, in their order.
  public List<TileStep> steps() {
    List<TileStep> steps = new ArrayList<>();
    randAugment.ifPresent(settings -> steps.add(settings.step()));
    affine.ifPresent(settings -> steps.add(settings.step(fill)));
    perspective.ifPresent(
        settings ->
            steps.add(new Perspective(settings.distortion(), settings.probability(), fill)));
    if (!colorJitter.isEmpty()) {
      steps.add(
          new ColourJitter(
              colorJitter.get(0),
              colorJitter.get(1),
              colorJitter.get(2),
              colorJitter.get(3),
              colorJitterProbability));
    }
    if (grayScaleProbability > 0) {
      steps.add(new GreyScale(grayScaleProbability));
    }
    stainJitter.ifPresent(
        settings -> steps.add(new StainJitter(settings.scale(), settings.shift())));
    return List.copyOf(steps);
  }
}
