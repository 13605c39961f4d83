package dev.eosin.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.clip.spec.ClipPresets;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.nn.Activation;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Dropout;
import dev.eosin.random.RandomKey;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.Tensor;
import dev.eosin.tower.BertText;
import dev.eosin.tower.Projection;
import dev.eosin.tower.Vit;
import dev.eosin.train.StepLosses;
import dev.eosin.train.optimisers.GradientSums;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class TextDropoutTest {
  private static final Dropout BERTS = new Dropout(0.1, 0.2);
  private static final RandomKey KEY = new RandomKey(11);
  private static final int ROWS = 7;

  private static ClipSpec spec(BertText.Pool pool, Dropout dropout) {
    var encoder = new BertText.Encoder(16, 50, 30, 2, 3, 48, 2, 0, 1e-12);
    var text = new BertText("toy", 13, encoder, pool, Projection.LINEAR);
    return new ClipSpec(16, new Vit(24, 16, 8, 32, 2, 4, 64), text.with(dropout), Activation.GELU);
  }

  private static Clip model(ClipSpec spec, BlockExecution execution) {
    Clip clip = Clip.allocate(ClipCase.ENGINE, spec, DType.FLOAT32, true, execution);
    clip.initialise(new RandomKey(3));
    return clip;
  }

  private static ClipStep step(Clip clip, double patchDropout, int atOnce) {
    ClipStep step = ClipStep.of(clip, PairLoss.CONTRASTIVE, ROWS, atOnce);
    return ClipStep.dropping(step, new PatchDropout(patchDropout, KEY), clip);
  }

  private static Map<String, float[]> gradients(Clip clip, double patchDropout, int atOnce) {
    var found = new TreeMap<String, float[]>();
    long before = ClipCase.ENGINE.openTensors();
    try (GradientSums sums = new GradientSums(ClipCase.ENGINE)) {
      var losses = new StepLosses();
      step(clip, patchDropout, atOnce).run(new DrawnRows(clip.spec(), ROWS, 5), 1, losses, sums);
      double loss = losses.sum().total();
      found.put("loss", new float[] {(float) loss});
      for (Parameter parameter : clip.parameters().all()) {
        if (sums.has(parameter)) {
          found.put(parameter.name(), sums.of(parameter).toFloats());
        }
      }
    }
    assertThat(ClipCase.ENGINE.openTensors()).isEqualTo(before);
    return found;
  }

  static Stream<Arguments> poolsAndExecutions() {
    return Stream.of(BertText.Pool.values())
        .flatMap(pool -> ClipCase.executions().stream().map(how -> Arguments.of(pool, how)));
  }

  /// The captions of a part are cut after its own longest one: a mask may not depend on that.
  @ParameterizedTest
  @MethodSource("poolsAndExecutions")
  void everySizeOfPartsGivesTheGradientsOfTheWholeStep(
      BertText.Pool pool, BlockExecution execution) {
    try (Clip clip = model(spec(pool, BERTS), execution)) {
      for (double patchDropout : new double[] {0, 0.5}) {
        Map<String, float[]> whole = gradients(clip, patchDropout, ROWS);
        for (int micro = 1; micro < ROWS; micro++) {
          compare(whole, gradients(clip, patchDropout, micro), 1e-5);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("poolsAndExecutions")
  void everyExecutionGivesTheGradientsOfThePlainOne(BertText.Pool pool, BlockExecution execution) {
    try (Clip plain = model(spec(pool, BERTS), BlockExecution.PLAIN);
        Clip clip = model(spec(pool, BERTS), execution)) {
      compare(gradients(plain, 0.5, ROWS), gradients(clip, 0.5, ROWS), 1e-5);
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 0.2", "0.1, 0", "0.1, 0.2"})
  void theRecomputationSeesTheSameMasksToTheBit(double hidden, double attention) {
    ClipSpec spec = spec(BertText.Pool.FIRST_TOKEN, new Dropout(hidden, attention));
    var keeping = new BlockExecution(true, false, 0);
    try (Clip kept = model(spec, keeping);
        Clip again = model(spec, keeping.recomputing(1));
        Clip without = model(spec(BertText.Pool.FIRST_TOKEN, Dropout.NONE), keeping)) {
      Map<String, float[]> wanted = gradients(kept, 0, ROWS);
      compare(wanted, gradients(again, 0, ROWS), 0);
      assertThat(gradients(without, 0, ROWS).get("loss")).isNotEqualTo(wanted.get("loss"));
    }
  }

  private static void compare(
      Map<String, float[]> wanted, Map<String, float[]> found, double tolerance) {
    assertThat(found.keySet()).isEqualTo(wanted.keySet());
    wanted.forEach(
        (name, values) -> {
          double size = 1;
          for (float value : values) {
            size = Math.max(size, Math.abs(value));
          }
          assertThat(Objects.requireNonNull(found.get(name)))
              .as(name)
              .containsExactly(values, within((float) (tolerance * size)));
        });
  }

  @Test
  void withoutSeedsNothingIsLeftOut() {
    try (Clip dropping = model(spec(BertText.Pool.MEAN, BERTS), BlockExecution.PLAIN);
        Clip plain = model(spec(BertText.Pool.MEAN, Dropout.NONE), BlockExecution.PLAIN);
        Tensor ids = new DrawnRows(plain.spec(), ROWS, 5).ids(0, ROWS);
        Forward graph = new Forward(ClipCase.ENGINE)) {
      assertThat(dropping.textFeatures(graph, ids).data().toFloats())
          .isEqualTo(plain.textFeatures(graph, ids).data().toFloats());
    }
  }

  @Test
  void aStepWithoutDropoutIsLeftAsItIs() {
    try (Clip bert = model(spec(BertText.Pool.MEAN, Dropout.NONE), BlockExecution.PLAIN);
        Clip causal = model(ClipPresets.named("tiny"), BlockExecution.PLAIN);
        Tensor seeds = ClipCase.ENGINE.of(new long[] {1}, 1, 1);
        Forward graph = new Forward(ClipCase.ENGINE)) {
      for (Clip clip : new Clip[] {bert, causal}) {
        ClipStep step = new WholeStep(clip, PairLoss.CONTRASTIVE);
        assertThat(ClipStep.dropping(step, new PatchDropout(0, KEY), clip)).isSameAs(step);
      }
      assertThatThrownBy(
              () -> causal.textFeatures(graph, seeds, Optional.empty(), Optional.of(seeds)))
          .hasMessageContaining("no dropout");
    }
  }

  @Test
  void aTeacherSeesTheWholeRows() {
    try (Clip clip = model(spec(BertText.Pool.MEAN, BERTS), BlockExecution.PLAIN)) {
      var step = (DroppingStep) step(clip, 0.5, ROWS);
      StepRows both = step.leavingOut(new DrawnRows(clip.spec(), ROWS, 5));
      try (Tensor seeds = both.dropoutSeeds(2, 4).orElseThrow();
          Tensor patches = both.keptTokens(2, 4).orElseThrow()) {
        assertThat(seeds.shape()).containsExactly(2, 7);
        assertThat(patches.shape()).containsExactly(2, 4);
      }
      assertThat(both.whole().dropoutSeeds(2, 4)).isEmpty();
      assertThat(both.whole().keptTokens(2, 4)).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({"0.1", "0.5", "0.9", "0.00005", "0.99999"})
  void everyElementIsLeftOutAsOftenAsAsked(double share) {
    long[] drawn = new long[40];
    for (int row = 0; row < drawn.length; row++) {
      drawn[row] = KEY.stream(RandomKey.Purpose.TEXT_DROPOUT, 0, row).nextLong();
    }
    try (Tensor seeds = ClipCase.ENGINE.of(drawn, drawn.length);
        Tensor out =
            ClipCase.ENGINE.kernels().one("left_out", seeds, new long[] {4, 50, 50}, share);
        Tensor numbers = ClipCase.ENGINE.kernels().one("to_host", out, 6)) {
      float[] masks = numbers.toFloats();
      double sum = 0;
      for (float value : masks) {
        sum += value;
      }
      // Four standard deviations, and the step of 16 bits.
      double room = 4 * Math.sqrt(share * (1 - share) / masks.length) + 2e-5;
      assertThat(sum / masks.length).isCloseTo(share, within(room));
    }
  }
}
