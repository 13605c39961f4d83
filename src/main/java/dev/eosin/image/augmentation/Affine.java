package dev.eosin.image.augmentation;

import dev.eosin.image.Interval;
import dev.eosin.image.RgbImage;
import dev.eosin.random.RandomStream;

/// torchvision's `RandomAffine` with bilinear interpolation: the tile turned, moved, scaled and
/// sheared about its centre.
///
/// @param degrees most by which it turns, either way
/// @param translate most by which it moves, as a share of each side
/// @param scale factor of its size
/// @param shear in degrees, drawn for both axes
/// @param fill level of what comes from outside the tile
public record Affine(double degrees, double translate, Interval scale, Interval shear, int fill)
    implements TileStep {
  @Override
  public RgbImage apply(RgbImage tile, RandomStream random) {
    double angle = Interval.around(0, degrees).draw(random);
    double right = Math.rint(Interval.around(0, translate * tile.width()).draw(random));
    double down = Math.rint(Interval.around(0, translate * tile.height()).draw(random));
    double size = scale.draw(random);
    double shearX = shear.draw(random);
    double shearY = shear.draw(random);
    return Warp.apply(tile, inverse(tile, angle, right, down, size, shearX, shearY), fill);
  }

  /// From the result's pixels to the tile's: the inverse of moving, turning, shearing and scaling,
  /// in torchvision's order of operations.
  static double[] inverse(
      RgbImage tile,
      double angle,
      double right,
      double down,
      double size,
      double shearX,
      double shearY) {
    double turn = Math.toRadians(angle);
    double x = Math.toRadians(shearX);
    double y = Math.toRadians(shearY);
    double a = Math.cos(turn - y) / Math.cos(y);
    double b = -Math.cos(turn - y) * Math.tan(x) / Math.cos(y) - Math.sin(turn);
    double c = Math.sin(turn - y) / Math.cos(y);
    double d = -Math.sin(turn - y) * Math.tan(x) / Math.cos(y) + Math.cos(turn);
    double[] map = {d / size, -b / size, 0, -c / size, a / size, 0};
    double centreX = tile.width() * 0.5;
    double centreY = tile.height() * 0.5;
    map[2] = map[0] * (-centreX - right) + map[1] * (-centreY - down) + centreX;
    map[5] = map[3] * (-centreX - right) + map[4] * (-centreY - down) + centreY;
    return map;
  }
}
