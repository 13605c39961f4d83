package dev.eosin.image.augmentation;

import static dev.eosin.image.augmentation.AugmentationTest.bound;
import static dev.eosin.image.augmentation.AugmentationTest.stream;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.ParityCase;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.config.RecipeException;
import dev.eosin.image.Filter;
import dev.eosin.image.Interval;
import dev.eosin.image.RgbImage;
import dev.eosin.image.augmentation.RandAugment.Operation;
import dev.eosin.image.augmentation.RandAugmentSettings.AutoContrast;
import dev.eosin.image.transforms.Crop;
import dev.eosin.image.transforms.TrainingTransform;
import java.io.IOException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// LAVIS's operations on recorded pictures, and how they are drawn.
class RandAugmentTest {
  private static final ParityCase RECORDED = ParityCase.own("lavis-randaugment");

  private static StoredTensors opened(String file) throws IOException {
    return StoredTensors.open(RECORDED.file(file));
  }

  private static RgbImage picture(String file, String name) throws IOException {
    try (StoredTensors tensors = opened(file)) {
      return picture(tensors, name);
    }
  }

  private static RgbImage picture(StoredTensors tensors, String name) throws IOException {
    long[] levels = tensors.longs(name);
    byte[] pixels = new byte[levels.length];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) levels[i];
    }
    List<Long> shape = tensors.entry(name).shape();
    return new RgbImage(shape.get(1).intValue(), shape.get(0).intValue(), pixels);
  }

  private static Operation operation(String lavis) {
    return Operation.valueOf(lavis.replaceAll("(?<=[a-z])(?=[A-Z])", "_").toUpperCase(Locale.ROOT));
  }

  @Test
  void everyOperationIsLavissToThePixel() throws IOException {
    JsonNode cases =
        new ObjectMapper().readTree(RECORDED.file("cases.json").toFile()).path("cases");
    Set<Operation> seen = EnumSet.noneOf(Operation.class);
    try (StoredTensors inputs = opened("inputs.safetensors");
        StoredTensors expected = opened("expected.safetensors")) {
      for (JsonNode one : cases) {
        Operation operation = operation(one.path("operation").asText());
        seen.add(operation);
        RgbImage result =
            RandAugment.changed(
                picture(inputs, one.path("picture").asText()),
                operation,
                one.path("level").asDouble(),
                one.path("backwards").asBoolean(),
                AutoContrast.LAVIS);
        String name = one.path("case").asText();
        assertThat(result.pixels()).as(name).isEqualTo(picture(expected, name).pixels());
      }
    }
    assertThat(seen).containsExactly(Operation.values());
  }

  @ParameterizedTest
  @CsvSource({"tile", "dark", "flat", "noise"})
  void theOtherAutoContrastIsPillowsAndOperationsFollowEachOther(String name) throws IOException {
    RgbImage tile = picture("inputs.safetensors", name);

    RgbImage stretched =
        RandAugment.changed(tile, Operation.AUTO_CONTRAST, 5, false, AutoContrast.PILLOW);
    RgbImage turned = RandAugment.changed(tile, Operation.ROTATE, 5, true, AutoContrast.LAVIS);
    RgbImage both = RandAugment.changed(turned, Operation.EQUALIZE, 5, false, AutoContrast.LAVIS);

    assertThat(stretched.pixels())
        .isEqualTo(picture("expected.safetensors", name + ".pillow").pixels());
    assertThat(both.pixels())
        .isEqualTo(picture("expected.safetensors", name + ".RotateEqualize").pixels());
  }

  /// Why the recipe's key names it: tiles hardly ever have black in every channel.
  @Test
  void lavissAutoContrastMakesATileWithoutBlackWhite() throws IOException {
    RgbImage tile = picture("inputs.safetensors", "tile");

    byte[] lavis =
        RandAugment.changed(tile, Operation.AUTO_CONTRAST, 5, false, AutoContrast.LAVIS).pixels();

    assertThat(lavis).containsOnly((byte) 255);
  }

  @Test
  void operationsAreDrawnEvenlyWithReplacementAndHalfOfThemAreApplied() throws IOException {
    RgbImage tile = picture("inputs.safetensors", "tile");
    var one = new RandAugment(1, 5, 0.5, AutoContrast.PILLOW);
    int draws = 2_000;
    int changed = 0;
    for (int position = 0; position < draws; position++) {
      byte[] pixels = one.apply(tile, stream(position)).pixels();
      changed += Arrays.equals(pixels, tile.pixels()) ? 0 : 1;
    }
    // Identity, brightness and sharpness change nothing at level 5: 7 of 10, and half of those.
    assertThat(changed / (double) draws).isBetween(0.32, 0.38);
    assertThat(new RandAugment(2, 5, 0, AutoContrast.LAVIS).apply(tile, stream(1))).isSameAs(tile);
    var two = new RandAugment(2, 9, 1, AutoContrast.LAVIS);
    assertThat(two.apply(tile, stream(3)).pixels())
        .isEqualTo(two.apply(tile, stream(3)).pixels())
        .isNotEqualTo(two.apply(tile, stream(4)).pixels());
  }

  @Test
  void blipsTrainingImagesHaveTheirStepsInTheirOrder() {
    TrainingTransform transform =
        bound(
                """
                size: 224 px
                crop-scale: [0.5, 1]
                flip-horizontal: true
                augment: { rand-augment: {} }
                """)
            .training();

    assertThat(transform.crop())
        .isEqualTo(new Crop.OfRandomSize(new Interval(0.5, 1), new Interval(3 / 4.0, 4 / 3.0)));
    assertThat(transform.filter()).isEqualTo(Filter.BICUBIC);
    assertThat(transform.steps())
        .containsExactly(
            new Symmetry(true, false, false), new RandAugment(2, 5, 0.5, AutoContrast.LAVIS));
  }

  @ParameterizedTest
  @CsvSource({"level: 11, level", "operations: -1, operations", "auto-contrast: cv2, lavis"})
  void whatCannotBeMeantIsRefused(String setting, String problem) {
    assertThatThrownBy(() -> bound("size: 224 px\naugment: { rand-augment: { " + setting + " } }"))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining(problem);
  }
}
