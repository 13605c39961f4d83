package dev.eosin.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.clip.PairLoss.Form;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tape;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Losses in blocks of rows against their plain forms, at sizes that blocks do not divide.
class PairLossTest {
  private static final int WIDTH = 24;

  static Stream<Arguments> cases() {
    return Stream.of(
            new LossSettings.Contrastive(0),
            new LossSettings.Contrastive(0.1),
            new LossSettings.SigLip())
        .flatMap(
            settings -> IntStream.of(1, 7, 256, 257, 700).mapToObj(b -> Arguments.of(settings, b)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void bothFormsGiveTheSameLossAndGradients(LossSettings settings, int b) {
    Map<String, float[]> plain = gradients(settings, b, Form.PLAIN);
    Map<String, float[]> rows = gradients(settings, b, Form.ROWS);
    assertThat(rows.keySet()).isEqualTo(plain.keySet());
    plain.forEach(
        (name, values) -> {
          double size = 0.2;
          for (float value : values) {
            size = Math.max(size, Math.abs(value));
          }
          assertThat(rows.get(name))
              .as(name)
              .containsExactly(values, within((float) (2e-5 * size)));
        });
    gradients(settings, b, Form.ROWS)
        .forEach((name, again) -> assertThat(again).as(name).containsExactly(rows.get(name)));
  }

  private static Map<String, float[]> gradients(LossSettings settings, int b, Form form) {
    var found = new TreeMap<String, float[]>();
    List<ParameterSet.Spec> specs =
        Stream.of(Clip.LOGIT_SCALE, Clip.LOGIT_BIAS)
            .limit(settings.biased() ? 2 : 1)
            .map(name -> new ParameterSet.Spec(name, new long[0], true, true))
            .toList();
    try (ParameterSet set = ParameterSet.allocate(ClipCase.ENGINE, specs, DType.FLOAT32);
        Tensor images = unitVectors(b, 0);
        Tensor texts = unitVectors(b, 1);
        Tape tape = new Tape(ClipCase.ENGINE)) {
      set.fill(
          Clip.LOGIT_SCALE, () -> Math.log(100)); // the largest, where exp would overflow first
      Value image = tape.leaf(images);
      Value text = tape.leaf(texts);
      Value loss =
          new PairLoss(settings).of(tape, List.copyOf(set.all()), image, text, List.of(), form);
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

  private static Tensor unitVectors(int b, int position) {
    RandomStream random = new RandomKey(5).stream(RandomKey.Purpose.AUGMENTATION, 0, position);
    float[] values = new float[b * WIDTH];
    for (int row = 0; row < b; row++) {
      double squares = 0;
      for (int i = row * WIDTH; i < (row + 1) * WIDTH; i++) {
        values[i] = (float) random.nextGaussian();
        squares += values[i] * values[i];
      }
      for (int i = row * WIDTH; i < (row + 1) * WIDTH; i++) {
        values[i] /= (float) Math.sqrt(squares);
      }
    }
    return ClipCase.ENGINE.of(values, b, WIDTH);
  }
}
