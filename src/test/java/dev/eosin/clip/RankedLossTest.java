package dev.eosin.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.clip.PairLoss.Form;
import dev.eosin.group.Group;
import dev.eosin.group.LocalRanks;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Scope;
import dev.eosin.tensor.Tape;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import dev.eosin.train.StepLosses;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Shares of a loss in several blocks, of which the last is a part of one, at the largest scale.
class RankedLossTest {
  private static final int WIDTH = 8;
  private static final int BATCH = 8200;

  static Stream<Arguments> cases() {
    return Stream.of(
        Arguments.of(new LossSettings.Contrastive(0.1), 300),
        Arguments.of(new LossSettings.SigLip(), 1500));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void blocksOfOwnRowsGiveTheLossAndGradientsOfOneProcess(LossSettings settings, int ofFirst)
      throws Exception {
    Map<String, float[]> whole = whole(settings);
    List<Map<String, float[]>> ranks =
        LocalRanks.run(
            2,
            group ->
                group.isFirst()
                    ? share(settings, group, 0, ofFirst)
                    : share(settings, group, ofFirst, BATCH));
    for (String name : List.of("loss", Clip.LOGIT_SCALE, Clip.LOGIT_BIAS)) {
      if (whole.containsKey(name)) {
        float wanted = of(whole, name)[0];
        assertThat(of(ranks.get(0), name)[0] + of(ranks.get(1), name)[0])
            .as(name)
            .isCloseTo(wanted, within(2e-5f * Math.max(1, Math.abs(wanted))));
      }
    }
    for (String name : List.of("image", "text")) {
      assertClose(of(ranks.get(0), name), of(whole, name), 0);
      assertClose(of(ranks.get(1), name), of(whole, name), ofFirst * WIDTH);
    }
  }

  private static float[] of(Map<String, float[]> found, String name) {
    return Objects.requireNonNull(found.get(name));
  }

  /// By hand: a library's comparison of so many numbers takes minutes.
  private static void assertClose(float[] found, float[] whole, int from) {
    float largest = 0;
    float distance = 0;
    for (int i = 0; i < found.length; i++) {
      largest = Math.max(largest, Math.abs(whole[from + i]));
      distance = Math.max(distance, Math.abs(found[i] - whole[from + i]));
    }
    assertThat(largest).isPositive();
    assertThat(distance).isLessThanOrEqualTo(1e-4f * largest);
  }

  private static ParameterSet logits(LossSettings settings) {
    List<ParameterSet.Spec> specs =
        Stream.of(Clip.LOGIT_SCALE, Clip.LOGIT_BIAS)
            .limit(settings.biased() ? 2 : 1)
            .map(name -> new ParameterSet.Spec(name, new long[0], true, true))
            .toList();
    ParameterSet set = ParameterSet.allocate(ClipCase.ENGINE, specs, DType.FLOAT32);
    set.fill(Clip.LOGIT_SCALE, () -> Math.log(100));
    return set;
  }

  private static Map<String, float[]> whole(LossSettings settings) {
    Map<String, float[]> found = new TreeMap<>();
    try (ParameterSet set = logits(settings);
        Tensor images = unitVectors(0, 0, BATCH);
        Tensor texts = unitVectors(1, 0, BATCH);
        Tape tape = new Tape(ClipCase.ENGINE)) {
      Value image = tape.leaf(images);
      Value text = tape.leaf(texts);
      Value loss =
          new PairLoss(settings)
              .of(tape, List.copyOf(set.all()), image, text, List.of(), Form.ROWS);
      found.put("loss", loss.data().toFloats());
      tape.backward(loss, (ready, values) -> OpenClipParity.collect(found, ready, values));
      try (Tensor first = tape.takeGradient(image);
          Tensor second = tape.takeGradient(text)) {
        found.put("image", first.toFloats());
        found.put("text", second.toFloats());
      }
    }
    return found;
  }

  private static Map<String, float[]> share(LossSettings settings, Group group, int from, int to) {
    Map<String, float[]> found = new TreeMap<>();
    try (ParameterSet set = logits(settings);
        Tensor images = unitVectors(0, from, to);
        Tensor texts = unitVectors(1, from, to);
        Scope scope = new Scope()) {
      var losses = new StepLosses();
      RankedLoss.Found share =
          new RankedLoss(new PairLoss(settings), group)
              .of(
                  scope,
                  List.copyOf(set.all()),
                  images,
                  texts,
                  List.of(),
                  1,
                  losses,
                  (ready, values) -> OpenClipParity.collect(found, ready, values));
      found.put("loss", new float[] {(float) losses.sum().total()});
      found.put("image", share.images().toFloats());
      found.put("text", share.texts().toFloats());
      return found;
    }
  }

  private static Tensor unitVectors(int kind, int from, int to) {
    float[] values = new float[(to - from) * WIDTH];
    for (int row = from; row < to; row++) {
      RandomStream random = new RandomKey(5).stream(RandomKey.Purpose.AUGMENTATION, kind, row);
      double squares = 0;
      int start = (row - from) * WIDTH;
      for (int i = start; i < start + WIDTH; i++) {
        values[i] = (float) random.nextGaussian();
        squares += values[i] * values[i];
      }
      for (int i = start; i < start + WIDTH; i++) {
        values[i] /= (float) Math.sqrt(squares);
      }
    }
    return ClipCase.ENGINE.of(values, to - from, WIDTH);
  }
}
