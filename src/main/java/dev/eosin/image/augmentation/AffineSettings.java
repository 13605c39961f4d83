package dev.eosin.image.augmentation;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import dev.eosin.image.Interval;
import java.util.List;

/// `data.image.augment.affine`: torchvision's `RandomAffine`, bilinear.
@Doc("Turn, move, scale and shear training tiles about their centre (torchvision's RandomAffine).")
public record AffineSettings(
    @Doc("Most degrees that a tile is turned by, either way.")
        @OrElse("0")
        @Range(min = 0, max = 180)
        double degrees,
    @Doc("Most that it is moved by, as a share of each side.") @OrElse("0") @Range(min = 0, max = 1)
        double translate,
    @Doc("Factor of its size, from and to.") @OrElse("[1, 1]") @Range(above = 0) List<Double> scale,
    @Doc("Degrees of shear, from and to, drawn for both axes.") @OrElse("[0, 0]")
        List<Double> shear) {
  /// @throws IllegalArgumentException naming the key
  public AffineSettings {
    scale = List.copyOf(scale);
    shear = List.copyOf(shear);
    requireRange("scale", scale, "[0.8, 1.2]");
    requireRange("shear", shear, "[-15, 15]");
    if (shear.getFirst() <= -90 || shear.getLast() >= 90) {
      throw new IllegalArgumentException("shear: %s reaches 90 degrees".formatted(shear));
    }
  }

  private static void requireRange(String key, List<Double> range, String example) {
    if (range.size() != 2 || !(range.getFirst() <= range.getLast())) {
      throw new IllegalArgumentException(
          "%s: %s is not a range of two numbers, smaller first; write e.g. %s"
              .formatted(key, range, example));
    }
  }

  Affine step(int fill) {
    return new Affine(
        degrees,
        translate,
        new Interval(scale.getFirst(), scale.getLast()),
        new Interval(shear.getFirst(), shear.getLast()),
        fill);
  }
}
