package dev.eosin.image.augmentation;

import dev.eosin.image.RgbImage;
import dev.eosin.image.augmentation.RandAugmentSettings.AutoContrast;
import dev.eosin.random.RandomStream;

/// LAVIS's `RandomAugment` as BLIP's training images get it: a few operations drawn with
/// replacement, each applied by chance, geometric ones either way. Equal to LAVIS's functions on
/// OpenCV 4 to the last bit; the numbers are those of the sample's own stream.
///
/// @param operations how many are drawn
/// @param level of 10
/// @param probability of a drawn operation to be applied
public record RandAugment(
    int operations, double level, double probability, AutoContrast autoContrast)
    implements TileStep {
  private static final double MOST = 10;

  /// What LAVIS fills with.
  private static final int FILL = 128;

  /// The operations, in the order of LAVIS's list.
  enum Operation {
    IDENTITY,
    AUTO_CONTRAST,
    BRIGHTNESS,
    SHARPNESS,
    EQUALIZE,
    SHEAR_X,
    SHEAR_Y,
    TRANSLATE_X,
    TRANSLATE_Y,
    ROTATE
  }

  @Override
  public RgbImage apply(RgbImage tile, RandomStream random) {
    Operation[] drawn = new Operation[operations];
    for (int i = 0; i < operations; i++) {
      drawn[i] = Operation.values()[random.nextInt(Operation.values().length)];
    }
    RgbImage result = tile;
    for (Operation operation : drawn) {
      boolean applied = random.nextDouble() < probability;
      boolean backwards = random.nextBoolean();
      result = applied ? changed(result, operation, level, backwards, autoContrast) : result;
    }
    return result;
  }

  /// One operation.
  ///
  /// @param level of 10
  /// @param backwards whether shear, translation and rotation go the other way
  static RgbImage changed(
      RgbImage tile,
      Operation operation,
      double level,
      boolean backwards,
      AutoContrast autoContrast) {
    double share = level / MOST;
    double sign = backwards ? -1 : 1;
    double enhanced = share * 1.8 + 0.1;
    return switch (operation) {
      case IDENTITY -> tile;
      case AUTO_CONTRAST -> LevelTables.autoContrast(tile, autoContrast);
      case BRIGHTNESS -> LevelTables.brightness(tile, enhanced);
      case SHARPNESS -> sharpness(tile, enhanced);
      case EQUALIZE -> LevelTables.equalized(tile);
      case SHEAR_X -> FixedPointWarp.apply(tile, sheared(sign * (share * 0.3), 0), FILL);
      case SHEAR_Y -> FixedPointWarp.apply(tile, sheared(0, sign * (share * 0.3)), FILL);
      case TRANSLATE_X -> FixedPointWarp.apply(tile, moved(sign * (share * 10), 0), FILL);
      case TRANSLATE_Y -> FixedPointWarp.apply(tile, moved(0, sign * (share * 10)), FILL);
      case ROTATE -> FixedPointWarp.apply(tile, turned(tile, sign * (share * 30)), FILL);
    };
  }

  /// In single precision, as LAVIS hands it over.
  private static double[] sheared(double x, double y) {
    return new double[] {1, (float) x, 0, (float) y, 1, 0};
  }

  /// @param right in pixels
  /// @param down in pixels
  private static double[] moved(double right, double down) {
    return new double[] {1, 0, (float) -right, 0, 1, (float) -down};
  }

  /// About the middle, counter-clockwise, in degrees.
  private static double[] turned(RgbImage tile, double degrees) {
    double angle = degrees * (Math.PI / 180);
    double cosine = Math.cos(angle);
    double sine = Math.sin(angle);
    double x = tile.width() / 2.0;
    double y = tile.height() / 2.0;
    return new double[] {
      cosine, sine, (1 - cosine) * x - sine * y, -sine, cosine, sine * x + (1 - cosine) * y
    };
  }

  /// Away from the tile smoothed by 3 x 3 pixels, the middle one of weight 5 of 13; pixels at the
  /// edge stay. Like numpy's, a level beyond 0 to 255 wraps around.
  private static RgbImage sharpness(RgbImage tile, double factor) {
    byte[] source = tile.pixels();
    byte[] result = source.clone();
    int row = 3 * tile.width();
    float share = (float) factor;
    for (int y = 1; y < tile.height() - 1; y++) {
      for (int i = y * row + 3; i < (y + 1) * row - 3; i++) {
        int sum = 4 * (source[i] & 0xFF);
        for (int near = i - row; near <= i + row; near += row) {
          sum += (source[near - 3] & 0xFF) + (source[near] & 0xFF) + (source[near + 3] & 0xFF);
        }
        float smooth = Math.round(sum / 13f); // a thirteenth is never half
        result[i] = (byte) (int) (smooth + share * ((source[i] & 0xFF) - smooth));
      }
    }
    return new RgbImage(tile.width(), tile.height(), result);
  }
}
