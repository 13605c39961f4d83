package dev.eosin.qformer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.ParityCase;
import dev.eosin.data.batches.Batch;
import dev.eosin.data.batches.BatchImages;
import dev.eosin.data.batches.Tokens;
import dev.eosin.features.ComputedFeatures;
import dev.eosin.group.Group;
import dev.eosin.image.transforms.Normalisation;
import dev.eosin.nn.BlockExecution;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.ScalarReads;
import dev.eosin.text.EncodedCaption;
import dev.eosin.tower.PixelInputs;
import dev.eosin.train.LossRange;
import dev.eosin.train.StepLosses;
import dev.eosin.train.optimisers.AdamW;
import dev.eosin.train.optimisers.AdamWSettings;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// A batch of drawn images and captions is learned by heart, and nothing else changes.
class AlignmentLearnerTest {
  private static final ParityCase CASE = ParityCase.open("blip2-stage1-drawn");
  private static final int ROWS = 4;
  private static final int WIDTH = 7;
  private static final int STEPS = 50;

  private static Batch batch(RecordedAlignment each) {
    RandomStream random = new RandomKey(3).stream(RandomKey.Purpose.SYNTHETIC_TILE, 0, 0);
    var spec = each.tower().tower().spec();
    byte[] pixels = new byte[ROWS * 3 * spec.height() * spec.width()];
    random.nextBytes(pixels);
    int vocabulary = each.model().qformer().spec().words().orElseThrow().vocabulary();
    int[] ids = new int[ROWS * WIDTH];
    int[] lengths = new int[ROWS];
    for (int row = 0; row < ROWS; row++) {
      lengths[row] = 4 + row % 3;
      for (int i = 0; i < lengths[row]; i++) {
        ids[row * WIDTH + i] = i == 0 ? 1 : 4 + random.nextInt(vocabulary - 4);
      }
    }
    return new Batch(
        0,
        IntStream.range(0, ROWS).mapToObj(AlignmentLearnerTest::row).toList(),
        new BatchImages(pixels, spec.height(), spec.width(), IntStream.range(0, ROWS).toArray()),
        Map.of(Batch.CAPTION, new Tokens(ids, WIDTH, lengths, new boolean[0])),
        List.of(),
        0);
  }

  private static Batch.Row row(int row) {
    return new Batch.Row(
        row, "r" + row, "", EncodedCaption.Fit.WHOLE, Optional.empty(), List.of(), row);
  }

  @Test
  void aBatchIsLearnedByHeart() throws IOException {
    RecordedAlignment each = RecordedAlignment.open(CASE, true, true);
    var parameters = each.recorded().parameters();
    var features =
        new ComputedFeatures(
            each.tower(),
            parameters,
            new PixelInputs(RecordedQFormer.ENGINE, DType.FLOAT32, Normalisation.OPENAI),
            4);
    var step =
        new AlignmentStep(
            each.model(), parameters, BlockExecution.PLAIN, new RandomKey(1), Group.ALONE, ROWS);
    try (each;
        features;
        AdamW optimizer =
            new AdamW(
                parameters, new AdamWSettings(1, List.of(0.9, 0.98), 1e-8, 0, Optional.empty()))) {
      var learner = new AlignmentLearner(step, features, parameters, DType.FLOAT32);
      Batch batch = batch(each);
      LossRange range = learner.range(batch);
      assertThat(range.alike()).isZero();
      String frozen = "image.blocks.0.mlp.up.weight";
      float[] before = parameters.get(frozen).data().toFloats();
      assertThat(learner.weight(batch)).isEqualTo(ROWS);
      double first = learner.measure(batch);
      for (int i = 0; i < STEPS; i++) {
        learner.differentiate(batch, ROWS, 1, new StepLosses(), optimizer);
        optimizer.update(3e-3);
      }
      double last = learner.measure(batch);
      assertThat(first).isGreaterThan(0.7 * range.chance());
      assertThat(last).isBetween(range.floor(), 0.1 * range.chance());
      assertThat(Arrays.equals(parameters.get(frozen).data().toFloats(), before)).isTrue();
      assertThat(learner.figures(ScalarReads.atOnce()))
          .hasEntrySatisfying("temperature", value -> assertThat(value.getAsDouble()).isPositive());
    }
  }
}
