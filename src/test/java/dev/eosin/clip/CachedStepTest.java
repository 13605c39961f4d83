package dev.eosin.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.nn.Activation;
import dev.eosin.nn.BlockExecution;
import dev.eosin.random.RandomKey;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.ScalarReads;
import dev.eosin.tower.Causal;
import dev.eosin.tower.EndOfText;
import dev.eosin.tower.Vit;
import dev.eosin.train.StepLosses;
import dev.eosin.train.optimisers.GradientSums;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// A step in parts has the gradients of the whole step, whatever the parts' size.
class CachedStepTest {
  private static final ClipSpec SPEC =
      new ClipSpec(
          16,
          new Vit(24, 16, 8, 32, 2, 4, 64),
          new Causal(12, 50, 32, 2, 4, 64, new EndOfText.LargestId()),
          Activation.GELU);

  private static Clip model(DType compute, BlockExecution execution, boolean biased) {
    ClipSpec spec = biased ? SPEC.withLogitBias() : SPEC;
    Clip clip = Clip.allocate(ClipCase.ENGINE, spec, compute, true, execution);
    clip.initialise(new RandomKey(3));
    return clip;
  }

  private static Map<String, float[]> gradients(
      Clip clip, ClipStep step, StepRows rows, double scale) {
    var found = new TreeMap<String, float[]>();
    try (GradientSums sums = new GradientSums(ClipCase.ENGINE)) {
      var losses = new StepLosses();
      step.run(rows, scale, losses, sums);
      double loss = losses.sum().total();
      found.put("loss", new float[] {(float) (loss * scale)});
      for (Parameter parameter : clip.parameters().all()) {
        found.put(parameter.name(), sums.of(parameter).toFloats());
      }
    }
    return found;
  }

  static Stream<Arguments> cases() {
    return Stream.of(new LossSettings.Contrastive(0.1), new LossSettings.SigLip())
        .flatMap(
            loss ->
                IntStream.of(2, 5, 9)
                    .boxed()
                    .flatMap(
                        b ->
                            IntStream.range(1, b).mapToObj(micro -> Arguments.of(loss, b, micro))));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void everySizeOfPartsGivesTheGradientsOfTheWholeStep(LossSettings settings, int b, int micro) {
    var loss = new PairLoss(settings);
    var rows = new DrawnRows(SPEC, b, 10 * b + micro);
    try (Clip clip = model(DType.FLOAT32, new BlockExecution(true, true, 0), settings.biased())) {
      Map<String, float[]> whole = gradients(clip, new WholeStep(clip, loss), rows, 1);
      Map<String, float[]> parts = gradients(clip, new CachedStep(clip, loss, micro), rows, 1);
      compare(parts, whole, 1e-5);
    }
  }

  @Test
  void everyExecutionAndPrecisionOfBlocksMayRunInParts() {
    var rows = new DrawnRows(SPEC, 7, 1);
    for (BlockExecution execution : ClipCase.executions()) {
      try (Clip clip = model(DType.FLOAT32, execution, false)) {
        compare(
            gradients(clip, new CachedStep(clip, PairLoss.CONTRASTIVE, 3), rows, 1),
            gradients(clip, new WholeStep(clip, PairLoss.CONTRASTIVE), rows, 1),
            1e-5);
      }
    }
    try (Clip clip = model(DType.BFLOAT16, new BlockExecution(true, true, 0), false)) {
      compare(
          gradients(clip, new CachedStep(clip, PairLoss.CONTRASTIVE, 3), rows, 1),
          gradients(clip, new WholeStep(clip, PairLoss.CONTRASTIVE), rows, 1),
          2e-2);
    }
  }

  @Test
  void gradientsAreMultipliedByTheScaleInBothKindsOfStep() {
    var rows = new DrawnRows(SPEC, 6, 2);
    try (Clip clip = model(DType.FLOAT32, new BlockExecution(true, true, 0), false)) {
      var whole = new WholeStep(clip, PairLoss.CONTRASTIVE);
      Map<String, float[]> expected = gradients(clip, whole, rows, 1);
      expected.values().forEach(CachedStepTest::timesEight);
      compare(gradients(clip, whole, rows, 8), expected, 1e-5);
      compare(
          gradients(clip, new CachedStep(clip, PairLoss.CONTRASTIVE, 4), rows, 8), expected, 1e-5);
    }
  }

  private static void timesEight(float[] values) {
    for (int i = 0; i < values.length; i++) {
      values[i] *= 8;
    }
  }

  @Test
  void aLossThatIsRefusedLeavesNoGradientAndNoTensorBehind() {
    var rows = new DrawnRows(SPEC, 5, 3);
    try (Clip clip = model(DType.FLOAT32, new BlockExecution(true, true, 0), false);
        GradientSums sums = new GradientSums(ClipCase.ENGINE)) {
      var refusing =
          new StepLosses(
              ScalarReads.atOnce(),
              losses -> {
                throw new IllegalStateException("refused");
              });
      long before = ClipCase.ENGINE.openTensors();
      for (int atOnce : new int[] {2, 5}) {
        ClipStep step = ClipStep.of(clip, PairLoss.CONTRASTIVE, 5, atOnce);
        assertThatThrownBy(() -> step.run(rows, 1, refusing, sums)).hasMessage("refused");
        assertThat(ClipCase.ENGINE.openTensors()).isEqualTo(before);
      }
    }
  }

  private static void compare(
      Map<String, float[]> found, Map<String, float[]> wanted, double tolerance) {
    assertThat(found.keySet()).isEqualTo(wanted.keySet());
    wanted.forEach(
        (name, values) -> {
          double size = 1;
          for (float value : values) {
            size = Math.max(size, Math.abs(value));
          }
          assertThat(found.get(name))
              .as(name)
              .containsExactly(values, within((float) (tolerance * size)));
        });
  }
}
