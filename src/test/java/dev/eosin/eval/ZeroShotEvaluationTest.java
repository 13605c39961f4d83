package dev.eosin.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.data.batches.BatchImages;
import dev.eosin.random.RandomKey;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ZeroShotEvaluationTest {
  /// Images of one pixel: red goes one way, green the other. Texts likewise.
  private static final ImageTextEmbedder COLOURS =
      new ImageTextEmbedder() {
        @Override
        public float[][] embedImages(byte[] images, int count) {
          float[][] rows = new float[count][2];
          for (int row = 0; row < count; row++) {
            rows[row][0] = images[3 * row] & 0xFF;
            rows[row][1] = images[3 * row + 1] & 0xFF;
          }
          return rows;
        }

        @Override
        public float[][] embedTexts(List<String> texts) {
          return texts.stream()
              .map(text -> text.contains("red") ? new float[] {1, 0} : new float[] {0, 1})
              .toArray(float[][]::new);
        }
      };

  /// Takes a batch where it lies: it may be larger than an array.
  private static final ImageTextEmbedder IN_PLACE =
      new ImageTextEmbedder() {
        @Override
        public float[][] embedImages(byte[] images, int count) {
          throw new IllegalStateException("a whole batch was copied to Java's heap");
        }

        @Override
        public float[][] embedImages(BatchImages images) {
          float[][] rows = new float[images.count()][];
          for (int i = 0; i < rows.length; i++) {
            rows[i] = COLOURS.embedImages(images.onHeap(i), 1)[0];
          }
          return rows;
        }

        @Override
        public float[][] embedTexts(List<String> texts) {
          return COLOURS.embedTexts(texts);
        }
      };

  private static final List<List<String>> PROMPTS =
      List.of(List.of("a red tile", "red"), List.of("a green tile"));

  @Test
  void aBatchIsClassifiedWhereItLies() {
    byte[] redAndGreen = {(byte) 200, 10, 0, 10, (byte) 200, 0, 99, 99, 99};
    var batch = new BatchImages(redAndGreen, 1, 1, new int[] {0, 1});
    for (ImageTextEmbedder embedder : List.of(COLOURS, IN_PLACE)) {
      assertThat(new ZeroShotEvaluation(PROMPTS, embedder).classify(batch)).containsExactly(0, 1);
    }
  }

  @Test
  void imagesGoToTheNearestClass() {
    ZeroShotEvaluation evaluation = new ZeroShotEvaluation(PROMPTS, COLOURS);
    byte[] redAndGreen = {(byte) 200, 10, 0, 10, (byte) 200, 0, 99, 99, 99};
    evaluation.add(redAndGreen, new int[] {0, 1}, ungrouped(2));
    evaluation.add(redAndGreen, new int[] {1, 1}, ungrouped(2));

    ZeroShotResult result = evaluation.result(new RandomKey(1), 100);

    assertThat(result.metrics())
        .containsEntry("zero_shot_top1", 0.75)
        .containsEntry("zero_shot_balanced_accuracy", (1 + 2.0 / 3) / 2)
        .containsKeys("zero_shot_f1_macro", "zero_shot_f1_weighted");
    assertThat(result.metrics().get("zero_shot_top1_low")).isLessThan(0.75);
    assertThat(result.metrics().get("zero_shot_top1_high")).isGreaterThanOrEqualTo(0.75);
    assertThat(result.confusion().count(1, 0)).isEqualTo(1);
  }

  @Test
  void withoutResamplesThereAreNoIntervals() {
    ZeroShotEvaluation evaluation = new ZeroShotEvaluation(PROMPTS, COLOURS);
    evaluation.add(new byte[] {1, 0, 0}, new int[] {0}, ungrouped(1));

    assertThat(evaluation.result(new RandomKey(1), 0).intervals()).isEmpty();
  }

  @Test
  void anEmptyPassAndBrokenEmbeddingsAreRefused() {
    ZeroShotEvaluation evaluation = new ZeroShotEvaluation(PROMPTS, COLOURS);
    ZeroShotClassifier classifier = ZeroShotClassifier.build(PROMPTS, COLOURS);

    assertThatThrownBy(() -> evaluation.result(new RandomKey(1), 0))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> classifier.classify(new float[] {Float.NaN, 1}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("infinite or NaN");
    assertThatThrownBy(() -> classifier.classify(new float[] {1}))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ZeroShotClassifier.of(Collections.singletonList(new float[0][0])))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static List<Optional<String>> ungrouped(int rows) {
    return Collections.nCopies(rows, Optional.empty());
  }
}
