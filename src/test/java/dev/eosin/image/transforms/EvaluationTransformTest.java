package dev.eosin.image.transforms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.image.Filter;
import dev.eosin.image.Resize;
import dev.eosin.image.RgbImage;
import dev.eosin.image.transforms.EvaluationTransform.Fit;
import dev.eosin.image.transforms.EvaluationTransform.Rule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EvaluationTransformTest {
  /// Each pixel's red is its column, its green is its row.
  private static RgbImage ramp(int width, int height) {
    byte[] pixels = new byte[3 * width * height];
    for (int i = 0; i < width * height; i++) {
      pixels[3 * i] = (byte) (i % width);
      pixels[3 * i + 1] = (byte) (i / width);
    }
    return new RgbImage(width, height, pixels);
  }

  /// Columns left over: 3 (half to even rounds 1.5 up), 5 (half to even rounds 2.5 down).
  @ParameterizedTest
  @CsvSource({"OPEN_CLIP, 13, 2", "OPEN_CLIP, 15, 2", "HUGGING_FACE, 13, 1", "HUGGING_FACE, 15, 2"})
  void cropOffsetsFollowThePeer(Rule rule, int width, int left) {
    EvaluationTransform transform =
        new EvaluationTransform(rule, Fit.SHORTEST, 10, 10, Filter.BICUBIC);

    assertThat(transform.apply(ramp(width, 10)).pixels()[0]).isEqualTo((byte) left);
  }

  /// open_clip resizes so that the image covers a non-square input, then crops.
  @ParameterizedTest
  @CsvSource({"20, 40, 10, 20, 0, 0", "30, 40, 10, 20, 5, 0", "20, 60, 10, 20, 0, 10"})
  void nonSquareInputsAreCovered(
      int width, int height, int inputWidth, int inputHeight, int left, int top) {
    EvaluationTransform transform = EvaluationTransform.openClip(inputHeight, inputWidth);

    RgbImage covered = transform.apply(ramp(width, height));

    assertThat(covered.width()).isEqualTo(inputWidth);
    assertThat(covered.height()).isEqualTo(inputHeight);
    RgbImage halved =
        Resize.whole(width, height, width / 2, height / 2, Filter.BICUBIC)
            .apply(ramp(width, height))
            .toRgb();
    int first = 3 * (top / 2 * halved.width() + left / 2);
    assertThat(covered.pixels()[0]).isEqualTo(halved.pixels()[first]);
    assertThat(covered.pixels()[1]).isEqualTo(halved.pixels()[first + 1]);
  }

  @Test
  void planesAreWrittenChannelByChannelAtTheOffset() {
    byte[] target = new byte[5 + 3 * 4];

    EvaluationTransform.openClip(2, 2).apply(ramp(2, 2)).writePlanar(target, 5);

    assertThat(target).containsExactly(0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 0);
  }

  @Test
  void huggingFaceInputsAreSquare() {
    assertThatThrownBy(
            () -> new EvaluationTransform(Rule.HUGGING_FACE, Fit.SHORTEST, 10, 20, Filter.BICUBIC))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("square inputs only");
  }

  @Test
  void normalisationScalesAndCentresEachChannel() {
    float[] normalised = Normalisation.OPENAI.apply(new byte[] {(byte) 255, 0, (byte) 128});

    assertThat(normalised[0]).isEqualTo((1f - 0.48145466f) / 0.26862954f);
    assertThat(normalised[1]).isEqualTo(-0.4578275f / 0.26130258f);
    assertThat(normalised[2]).isEqualTo((128 / 255f - 0.40821073f) / 0.27577711f);
  }
}
