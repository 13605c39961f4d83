package dev.eosin.clip;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.nn.Activation;
import dev.eosin.nn.BlockExecution;
import dev.eosin.random.RandomKey;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Parameter;
import dev.eosin.tower.Causal;
import dev.eosin.tower.EndOfText;
import dev.eosin.tower.Vit;
import dev.eosin.train.StepLosses;
import dev.eosin.train.optimisers.GradientSums;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Blocks that are computed again in backward have the gradients of blocks that kept everything.
class RecomputedBlocksTest {
  private static final ClipSpec SPEC =
      new ClipSpec(
          16,
          new Vit(24, 16, 8, 32, 4, 4, 64),
          new Causal(12, 50, 32, 3, 4, 64, new EndOfText.LargestId()),
          Activation.QUICK_GELU);

  private static Map<String, float[]> gradients(BlockExecution execution, int atOnce) {
    try (Clip clip = Clip.allocate(ClipCase.ENGINE, SPEC, DType.FLOAT32, true, execution);
        GradientSums sums = new GradientSums(ClipCase.ENGINE)) {
      clip.initialise(new RandomKey(3));
      ClipStep step = ClipStep.of(clip, PairLoss.CONTRASTIVE, 5, atOnce);
      var found = new TreeMap<String, float[]>();
      var losses = new StepLosses();
      step.run(new DrawnRows(SPEC, 5, 7), 1, losses, sums);
      double loss = losses.sum().total();
      found.put("loss", new float[] {(float) loss});
      for (Parameter parameter : clip.parameters().all()) {
        found.put(parameter.name(), sums.of(parameter).toFloats());
      }
      return found;
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 9})
  void theyAreEqualToTheBit(int every) {
    for (boolean ownBackward : new boolean[] {false, true}) {
      var kept = new BlockExecution(true, ownBackward, 0);
      for (int atOnce : new int[] {2, 5}) {
        Map<String, float[]> wanted = gradients(kept, atOnce);
        Map<String, float[]> found = gradients(kept.recomputing(every), atOnce);
        wanted.forEach((name, values) -> assertThat(found.get(name)).as(name).isEqualTo(values));
      }
    }
  }
}
