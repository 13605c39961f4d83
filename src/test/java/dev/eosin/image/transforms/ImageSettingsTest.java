package dev.eosin.image.transforms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.Binder;
import dev.eosin.config.Pixels;
import dev.eosin.config.RecipeException;
import dev.eosin.config.RecipeFile;
import dev.eosin.image.Filter;
import dev.eosin.image.augmentation.Symmetry;
import dev.eosin.image.formats.ExifOrientation;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.image.formats.JpegDecoding;
import dev.eosin.image.transforms.EvaluationTransform.Rule;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageSettingsTest {
  private static final ImageSettings DEFAULT =
      ImageSettings.openClip(new InputSize(new Pixels(224)));

  @Test
  void aRecipeThatGivesOnlyTheSizeIsOpenClips() {
    assertThat(bound("size: 224 px")).isEqualTo(DEFAULT);
  }

  @Test
  void everyKeyOfARecipeArrives() {
    ImageSettings settings =
        bound(
            """
            size: 96 px x 64 px
            crop-scale: [0.5, 0.9]
            flip-horizontal: true
            quarter-turns: true
            fit: squash
            interpolation: bilinear
            max-pixels: 1000
            exif-orientation: apply
            libturbojpeg: off
            """);

    assertThat(settings.size()).isEqualTo(InputSize.parse("96 px x 64 px"));
    assertThat(settings.cropScale()).containsExactly(0.5, 0.9);
    assertThat(settings.training().steps()).containsExactly(new Symmetry(true, false, true));
    assertThat(settings.decoder())
        .isEqualTo(new ImageDecoder(1000, ExifOrientation.APPLY, JpegDecoding.JDK));
    assertThat(settings.evaluation())
        .isEqualTo(
            new EvaluationTransform(
                Rule.OPEN_CLIP, EvaluationTransform.Fit.SQUASH, 96, 64, Filter.BILINEAR));
  }

  @Test
  void aRecipesProblemsAreCollected() {
    assertThatThrownBy(() -> bound("size: 224\nfit: cover\nstd: [1, 0, 1]"))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining("size")
        .hasMessageContaining("fit")
        .hasMessageContaining("std");
  }

  /// 224 px through a crop of nine tenths, or of half the area at 3 : 4.
  @Test
  void fastDecodingKeepsWhatTheSmallestCropNeeds() {
    String fast = "size: 224 px\njpeg-decode: fast\n";

    assertThat(bound(fast).decoder().jpeg().enough()).hasValue(249);
    assertThat(bound(fast + "crop-scale: [0.5, 1.0]").decoder().jpeg().enough()).hasValue(366);
    assertThat(bound(fast).notes()).singleElement().asString().contains("jpeg-decode is fast");
    assertThat(bound("size: 224 px").decoder().jpeg().enough()).isEmpty();
    assertThat(bound("size: 224 px").notes()).isEmpty();
  }

  @Test
  void aWrongLibraryIsTheRecipesProblem() {
    assertThatThrownBy(() -> bound("size: 224 px\nlibturbojpeg: pom.xml"))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining("pom.xml is not a libturbojpeg");
  }

  private static ImageSettings bound(String yaml) {
    RecipeFile recipe = RecipeFile.parse(Path.of("test.yaml"), yaml, List.of(), Map.of());
    return Binder.bind(recipe, ImageSettings.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"224 px", "256 px x 128 px", "1 px"})
  void sizesAreReadBackAsWritten(String text) {
    assertThat(InputSize.parse(text)).hasToString(text);
    assertThat(InputSize.parse(InputSize.parse(text).toString())).isEqualTo(InputSize.parse(text));
  }

  @Test
  void theFirstNumberOfASizeIsTheHeight() {
    assertThat(InputSize.parse("256 px x 128 px").height()).isEqualTo(new Pixels(256));
  }

  @ParameterizedTest
  @ValueSource(strings = {"224", "0 px", "256 px x", "px", "2 px x 3 px x 4 px", "x px"})
  void otherSizesAreRefused(String text) {
    assertThatThrownBy(() -> InputSize.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void problemsNameTheKey() {
    assertThatThrownBy(() -> bound("size: 224 px\ncrop-scale: [1.0, 0.5]"))
        .hasMessageContaining("crop-scale  [1.0, 0.5] is not a range");
    assertThatThrownBy(() -> bound("size: 224 px\ncrop-scale: [0.5, 1.5]"))
        .hasMessageContaining("1.5");
    assertThatThrownBy(() -> bound("size: 224 px\ncrop-ratio: [1.0]"))
        .hasMessageContaining("crop-ratio  [1.0] is not a range");
  }

  @Test
  void huggingFaceRulesNeedASquare() {
    assertThatThrownBy(() -> bound("size: 16 px x 32 px\nrule: hugging-face"))
        .hasMessageContaining("rule  hugging-face");
  }
}
