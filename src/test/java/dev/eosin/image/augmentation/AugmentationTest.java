package dev.eosin.image.augmentation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.config.Binder;
import dev.eosin.config.RecipeException;
import dev.eosin.config.RecipeFile;
import dev.eosin.image.Filter;
import dev.eosin.image.Interval;
import dev.eosin.image.Raster;
import dev.eosin.image.Resize;
import dev.eosin.image.RgbImage;
import dev.eosin.image.transforms.Crop;
import dev.eosin.image.transforms.ImageSettings;
import dev.eosin.image.transforms.TrainingTransform;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What a step does with given numbers against torchvision's recorded tiles, and what it draws.
public class AugmentationTest {
  private static final Path RECORDED =
      Path.of(
          URI.create(
              Objects.requireNonNull(
                      AugmentationTest.class.getResource("/augmentation/expected.safetensors"))
                  .toString()));

  private static final String PLIP =
      """
      size: 224 px
      flip-horizontal: true
      augment:
        resize-first: 512 px
        affine: { degrees: 10, translate: 0.1, scale: [0.8, 1.2], shear: [-15, 15] }
        perspective: { distortion: 0.3, probability: 0.3 }
      """;

  public static RgbImage recorded(String name) throws IOException {
    try (StoredTensors tensors = StoredTensors.open(RECORDED)) {
      long[] levels = tensors.longs(name);
      byte[] pixels = new byte[levels.length];
      for (int i = 0; i < pixels.length; i++) {
        pixels[i] = (byte) levels[i];
      }
      List<Long> shape = tensors.entry(name).shape();
      return new RgbImage(shape.get(1).intValue(), shape.get(0).intValue(), pixels);
    }
  }

  public static float[] numbers(String name) throws IOException {
    try (StoredTensors tensors = StoredTensors.open(RECORDED)) {
      return tensors.floats(name);
    }
  }

  private static void assertEqual(RgbImage actual, String name) throws IOException {
    assertThat(actual.pixels()).as(name).isEqualTo(recorded(name).pixels());
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.5", "0.93", "1.0", "1.37"})
  void brightnessIsTorchvisions(String factor) throws IOException {
    assertEqual(
        Colours.brightness(recorded("tile"), Double.parseDouble(factor)), "brightness_" + factor);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.4", "0.91", "1.6"})
  void contrastIsTorchvisions(String factor) throws IOException {
    assertEqual(
        Colours.contrast(recorded("tile"), Double.parseDouble(factor)), "contrast_" + factor);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0", "0.7", "1.5"})
  void saturationIsTorchvisions(String factor) throws IOException {
    assertEqual(
        Colours.saturation(recorded("tile"), Double.parseDouble(factor)), "saturation_" + factor);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-0.5", "-0.07", "0.0", "0.11", "0.5"})
  void hueIsTorchvisions(String share) throws IOException {
    assertEqual(Colours.hue(recorded("tile"), Double.parseDouble(share)), "hue_" + share);
  }

  @Test
  void greysAreTorchvisions() throws IOException {
    assertEqual(new GreyScale(1).apply(recorded("tile"), stream(0)), "grey");
  }

  @ParameterizedTest
  @CsvSource({
    "affine_0, 7.3, 4, -3, 0.87, 11.0, -4.0",
    "affine_1, -9.1, 0, 5, 1.19, -14.2, 13.1",
    "affine_2, 0, -6, 2, 1, 0, 0",
    "affine_3, 0, 0, 0, 1.1, 0, 0",
  })
  void affineMapsAreTorchvisions(
      String name, double angle, double right, double down, double size, double x, double y)
      throws IOException {
    RgbImage tile = recorded("tile");

    double[] map = Affine.inverse(tile, angle, right, down, size, x, y);

    assertEqual(Warp.apply(tile, map, 127), name);
  }

  @ParameterizedTest
  @CsvSource({
    "perspective_0, '3 5 58 1 55 44 7 40'",
    "perspective_1, '9 0 60 6 52 46 0 41'",
  })
  void perspectivesAreTorchvisions(String name, String corners) throws IOException {
    RgbImage tile = recorded("tile");
    double[] flat = Arrays.stream(corners.split(" ")).mapToDouble(Double::parseDouble).toArray();
    double[][] pairs = new double[4][];
    for (int i = 0; i < 4; i++) {
      pairs[i] = new double[] {flat[2 * i], flat[2 * i + 1]};
    }

    double[] map = Perspective.map(tile.width(), tile.height(), pairs);

    assertEqual(Warp.apply(tile, map, 127), name);
  }

  @Test
  void stainsAreChangedAsRecorded() throws IOException {
    double[] factors = {1.1, 0.93, 1.04};
    double[] shifts = {0.05, -0.02, 0.01};

    assertEqual(StainJitter.changed(recorded("tile"), factors, shifts), "stain");
  }

  @Test
  void unchangedStainsChangeNothingButBlack() throws IOException {
    RgbImage tile = recorded("tile");

    byte[] result = StainJitter.changed(tile, new double[] {1, 1, 1}, new double[3]).pixels();

    for (int i = 0; i < result.length; i++) {
      assertThat(result[i] & 0xFF).isEqualTo(Math.max(1, tile.pixels()[i] & 0xFF));
    }
  }

  @Test
  void stepsThatAreOffAreNotInTheList() {
    assertThat(bound("size: 224 px").training().steps()).isEmpty();
    assertThat(bound("size: 224 px\naugment: { color-jitter: [0.1, 0, 0, 0] }").training().steps())
        .containsExactly(new ColourJitter(0.1, 0, 0, 0, 1));
  }

  @Test
  void plipsSetHasItsStepsInItsOrder() {
    TrainingTransform transform = bound(PLIP).training();

    assertThat(transform.crop()).isEqualTo(new Crop.OfResized(512));
    assertThat(transform.steps())
        .containsExactly(
            new Symmetry(true, false, false),
            new Affine(10, 0.1, new Interval(0.8, 1.2), new Interval(-15, 15), 127),
            new Perspective(0.3, 0.3, 127));
    assertThat(bound(PLIP + "jpeg-decode: fast").decoder().jpeg().enough()).hasValue(512);
  }

  @Test
  void aWindowOfTheResizedImageIsWhatIsTrainedOn() {
    Raster image = new RgbImage(600, 400, new byte[3 * 600 * 400]);
    Crop crop = new Crop.OfResized(100);
    for (int position = 0; position < 50; position++) {
      Resize resize = crop.draw(image, 80, 60, Filter.BICUBIC, stream(position));

      assertThat(resize.width()).isEqualTo(150);
      assertThat(resize.height()).isEqualTo(100);
      assertThat(resize.keep().fitsInto(150, 100)).isTrue();
      assertThat(resize.keep().width()).isEqualTo(80);
    }
  }

  @Test
  void theSameStreamGivesTheSameTile() throws IOException {
    TrainingTransform transform =
        bound(
                """
                size: 32 px
                augment:
                  affine: { degrees: 20, shear: [-5, 5] }
                  perspective: { probability: 1 }
                  color-jitter: [0.4, 0.4, 0.4, 0.1]
                  gray-scale-probability: 0.2
                  stain-jitter: {}
                """)
            .training();
    RgbImage tile = recorded("tile");

    byte[] first = transform.apply(tile, stream(4)).pixels();

    assertThat(transform.steps()).hasSize(5);
    assertThat(transform.apply(tile, stream(4)).pixels()).isEqualTo(first);
    assertThat(transform.apply(tile, stream(5)).pixels()).isNotEqualTo(first);
  }

  @Test
  void probabilitiesAreKept() throws IOException {
    RgbImage tile = recorded("tile");
    List<TileStep> steps =
        List.of(
            new GreyScale(0.3),
            new Perspective(0.5, 0.3, 127),
            new ColourJitter(0.5, 0, 0, 0.5, 0.3));
    for (TileStep step : steps) {
      int changed = 0;
      for (int position = 0; position < 600; position++) {
        changed +=
            Arrays.equals(step.apply(tile, stream(position)).pixels(), tile.pixels()) ? 0 : 1;
      }
      assertThat(changed / 600.0).as(step.toString()).isBetween(0.24, 0.36);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          color-jitter: [0.1]                    | expected 4
          color-jitter: [0.1, 0.1, 0.1, 0.6]     | hue 0.6 is above 0.5
          affine: { scale: [2, 1] }              | is not a range
          affine: { shear: [-90, 0] }            | reaches 90 degrees
          resize-first: 100 px                   | is less than the input's 224 px
          perspective: { probability: 2 }        | 2
          """)
  void problemsAreTold(String augment, String problem) {
    assertThatThrownBy(() -> bound("size: 224 px\naugment: { " + augment + " }"))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining(problem);
  }

  public static ImageSettings bound(String yaml) {
    RecipeFile recipe = RecipeFile.parse(Path.of("test.yaml"), yaml, List.of(), Map.of());
    return Binder.bind(recipe, ImageSettings.class);
  }

  public static RandomStream stream(long position) {
    return new RandomKey(7).stream(RandomKey.Purpose.AUGMENTATION, 0, position);
  }
}
