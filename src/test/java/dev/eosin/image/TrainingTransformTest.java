package dev.eosin.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import dev.eosin.config.Pixels;
import dev.eosin.image.augmentation.Symmetry;
import dev.eosin.image.transforms.Crop;
import dev.eosin.image.transforms.EvaluationTransform;
import dev.eosin.image.transforms.ImageSettings;
import dev.eosin.image.transforms.InputSize;
import dev.eosin.image.transforms.TrainingTransform;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainingTransformTest {
  private static final TrainingTransform OPEN_CLIP =
      ImageSettings.openClip(new InputSize(new Pixels(32))).training();

  private static RandomStream stream(long position) {
    return new RandomKey(7).stream(RandomKey.Purpose.AUGMENTATION, 0, position);
  }

  private static Window window(int width, int height, RandomStream random) {
    return ((Crop.OfRandomSize) OPEN_CLIP.crop()).window(width, height, random);
  }

  private static TrainingTransform transform(
      int height, int width, Interval area, Interval ratio, Symmetry symmetry) {
    Crop crop = new Crop.OfRandomSize(area, ratio);
    return new TrainingTransform(height, width, crop, Filter.BICUBIC, List.of(symmetry));
  }

  @Test
  void cropsLieInsideTheImageAndWithinAreaAndAspectRatio() {
    double areas = 0;
    for (int position = 0; position < 2_000; position++) {
      Window crop = window(300, 260, stream(position));

      assertThat(crop.fitsInto(300, 260)).isTrue();
      double area = crop.width() * (double) crop.height() / (300 * 260);
      assertThat(area).isBetween(0.89, 1.0);
      assertThat((double) crop.width() / crop.height()).isBetween(0.74, 1.34);
      areas += area / 2_000;
    }
    // Large areas seldom fit with a drawn aspect ratio and are drawn again.
    assertThat(areas).isBetween(0.92, 0.95);
  }

  /// torchvision's fallback after ten tries.
  @ParameterizedTest
  @CsvSource({"400, 100, 133, 100, 133, 0", "100, 400, 100, 133, 0, 133"})
  void imagesThatNoCropFitsGiveTheirCentre(
      int width, int height, int cropWidth, int cropHeight, int left, int top) {
    assertThat(window(width, height, stream(0)))
        .isEqualTo(new Window(left, top, cropWidth, cropHeight));
  }

  @Test
  void aOnePixelImageIsItself() {
    RgbImage pixel = new RgbImage(1, 1, new byte[] {1, 2, 3});

    RgbImage tile = OPEN_CLIP.apply(pixel, stream(3));

    assertThat(tile.pixels()[3 * 31]).isEqualTo((byte) 1);
    assertThat(tile.pixels()).hasSize(3 * 32 * 32);
  }

  @Test
  void theSameStreamGivesTheSameTileAndAnotherPositionAnotherOne() {
    RgbImage image = noise(90, 70);

    byte[] first = OPEN_CLIP.apply(image, stream(5)).pixels();

    assertThat(OPEN_CLIP.apply(image, stream(5)).pixels()).isEqualTo(first);
    assertThat(OPEN_CLIP.apply(image, stream(6)).pixels()).isNotEqualTo(first);
  }

  @Test
  void theWholeImageIsResizedLikeEvaluationSquashesIt() {
    Interval one = new Interval(1, 1);
    TrainingTransform whole = transform(20, 20, one, one, Symmetry.NONE);
    EvaluationTransform squash =
        new EvaluationTransform(
            EvaluationTransform.Rule.OPEN_CLIP,
            EvaluationTransform.Fit.SQUASH,
            20,
            20,
            Filter.BICUBIC);
    RgbImage image = noise(55, 55);

    assertThat(whole.apply(image, stream(1)).pixels()).isEqualTo(squash.apply(image).pixels());
  }

  @Test
  void nonSquareInputsAreFilled() {
    TrainingTransform wide = ImageSettings.openClip(InputSize.parse("16 px x 48 px")).training();

    RgbImage tile = wide.apply(noise(100, 60), stream(2));

    assertThat(tile.height()).isEqualTo(16);
    assertThat(tile.width()).isEqualTo(48);
  }

  @Test
  void allEightSymmetriesOfASquareOccur() {
    Interval one = new Interval(1, 1);
    TrainingTransform transform = transform(2, 2, one, one, new Symmetry(true, true, true));
    RgbImage corners = new RgbImage(2, 2, new byte[] {1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4});
    Set<String> seen = new HashSet<>();
    for (int position = 0; position < 200; position++) {
      seen.add(Arrays.toString(transform.apply(corners, stream(position)).pixels()));
    }
    assertThat(seen).hasSize(8);
  }

  @Test
  void quarterTurnsGoCounterClockwise() {
    RgbImage row = new RgbImage(3, 1, new byte[] {1, 1, 1, 2, 2, 2, 3, 3, 3});

    RgbImage column = Orientation.turned(row, 1);

    assertThat(column.height()).isEqualTo(3);
    assertThat(column.pixels()).containsExactly(3, 3, 3, 2, 2, 2, 1, 1, 1);
    assertThat(Orientation.turned(column, 3).pixels()).isEqualTo(row.pixels());
    assertThat(Orientation.turned(Orientation.turned(row, 2), 2).pixels()).isEqualTo(row.pixels());
  }

  @Test
  void flipsHappenInHalfOfTheSamples() {
    Interval one = new Interval(1, 1);
    TrainingTransform transform =
        transform(1, 2, one, new Interval(2, 2), new Symmetry(true, false, false));
    RgbImage pair = new RgbImage(2, 1, new byte[] {1, 1, 1, 2, 2, 2});
    double flipped = 0;
    for (int position = 0; position < 2_000; position++) {
      flipped += transform.apply(pair, stream(position)).pixels()[0] == 2 ? 1 : 0;
    }
    assertThat(flipped / 2_000).isEqualTo(0.5, offset(0.04));
  }

  private static RgbImage noise(int width, int height) {
    byte[] pixels = new byte[3 * width * height];
    new SplittableRandom(1).nextBytes(pixels);
    return new RgbImage(width, height, pixels);
  }
}
