package dev.eosin.nn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Kernel;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tape;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Gradients of narrow weights that are sums over all tokens of a batch are summed in fp32: bf16,
/// adding one a thousand times, comes no further than 256.
class NarrowGradientsTest {
  private static final Engine ENGINE = Engine.start(Device.CPU, 2);
  private static final int ROWS = 20;
  private static final int TOKENS = 50;
  private static final int WIDTH = 16;

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"BFLOAT16", "FLOAT16"})
  void aNormsBiasHasTheSumOfAllTokens(DType narrow) {
    List<ParameterSet.Spec> specs = List.of(vector("weight"), vector("bias"));
    try (ParameterSet norm = ParameterSet.allocate(ENGINE, specs, narrow);
        Tensor tokens = random(1, narrow);
        Tape tape = new Tape(ENGINE)) {
      norm.fill("weight", () -> 1);
      Value last =
          tape.one(new Kernel("norm"), List.of(tape.leaf(tokens)), List.copyOf(norm.all()));
      assertThat(gradients(tape, last, ones(narrow)).get("bias")).containsOnly(ROWS * TOKENS);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"BFLOAT16", "FLOAT16"})
  void aWordHasTheSumOfAllItsPlaces(DType narrow) {
    int words = 7;
    List<ParameterSet.Spec> specs =
        List.of(
            new ParameterSet.Spec("words", new long[] {words, WIDTH}, true, false),
            new ParameterSet.Spec("positions", new long[] {TOKENS, WIDTH}, true, false));
    long[] ids = new long[ROWS * TOKENS];
    Arrays.fill(ids, 3);
    ids[5] = 6;
    try (ParameterSet tables = ParameterSet.allocate(ENGINE, specs, narrow);
        Tensor texts = ENGINE.of(ids, ROWS, TOKENS);
        Tape tape = new Tape(ENGINE)) {
      Value last =
          tape.one(
              new Kernel("embed_text"), List.of(tape.constant(texts)), List.copyOf(tables.all()));
      float[] wanted = new float[words * WIDTH];
      // The nearest that either type has to 999 is what rounding once gives.
      Arrays.fill(wanted, 3 * WIDTH, 4 * WIDTH, narrow == DType.BFLOAT16 ? 1000 : 999);
      Arrays.fill(wanted, 6 * WIDTH, 7 * WIDTH, 1);
      Map<String, float[]> found = gradients(tape, last, ones(narrow));
      assertThat(found.get("words")).isEqualTo(wanted);
      assertThat(found.get("positions")).containsOnly(ROWS);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"BFLOAT16", "FLOAT16"})
  void aBlockHasTheGradientsOfItsNorms(DType narrow) {
    for (BlockExecution execution :
        List.of(new BlockExecution(false, false, 0), new BlockExecution(false, true, 0))) {
      Map<String, float[]> wanted = ofBlock(DType.FLOAT32, execution);
      Map<String, float[]> found = ofBlock(narrow, execution);
      wanted.forEach(
          (name, values) ->
              assertThat(error(Objects.requireNonNull(found.get(name)), values))
                  .as(name + " " + execution)
                  .isLessThan(0.02));
    }
  }

  private static Map<String, float[]> ofBlock(DType compute, BlockExecution execution) {
    var blocks =
        new Transformer("image", 1, WIDTH, 2, 4 * WIDTH, false, Activation.GELU, BlockStyle.CLIP);
    List<ParameterSet.Spec> specs =
        blocks.weights().stream().map(weight -> weight.spec(true)).toList();
    try (ParameterSet parameters = ParameterSet.allocate(ENGINE, specs, compute);
        Tensor tokens = random(1, compute);
        Tape tape = new Tape(ENGINE)) {
      RandomStream stream = new RandomKey(5).stream(RandomKey.Purpose.INITIALISATION, 0, 0);
      for (ParameterSet.Spec spec : specs) {
        parameters.fill(spec.name(), () -> representable(0.2 * stream.nextGaussian()));
      }
      Value last = blocks.last(new Pass(tape, parameters, execution), tape.leaf(tokens));
      return gradients(tape, last, random(2, compute));
    }
  }

  private static double error(float[] found, float[] wanted) {
    double difference = 0;
    double size = 0;
    for (int i = 0; i < wanted.length; i++) {
      difference += Math.pow(found[i] - wanted[i], 2);
      size += Math.pow(wanted[i], 2);
    }
    return Math.sqrt(difference / size);
  }

  private static Map<String, float[]> gradients(Tape tape, Value last, Tensor upstream) {
    var found = new HashMap<String, float[]>();
    tape.backward(
        List.of(last),
        List.of(upstream),
        (ready, values) -> {
          for (int i = 0; i < ready.size(); i++) {
            found.put(ready.get(i).name(), values.get(i).toFloats());
            values.get(i).close();
          }
        });
    return found;
  }

  private static ParameterSet.Spec vector(String name) {
    return new ParameterSet.Spec(name, new long[] {WIDTH}, true, false);
  }

  /// Tokens of one sign more than of the other, so that sums over them grow.
  private static Tensor random(int seed, DType dtype) {
    RandomStream stream = new RandomKey(seed).stream(RandomKey.Purpose.INITIALISATION, 0, 1);
    float[] values = new float[ROWS * TOKENS * WIDTH];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) representable(0.2 + 0.2 * stream.nextGaussian());
    }
    return in(dtype, values);
  }

  private static Tensor ones(DType dtype) {
    float[] values = new float[ROWS * TOKENS * WIDTH];
    Arrays.fill(values, 1);
    return in(dtype, values);
  }

  private static Tensor in(DType dtype, float[] values) {
    try (Tensor wide = ENGINE.of(values, ROWS, TOKENS, WIDTH)) {
      return ENGINE.kernels().one("to_host", wide, dtype.scalarType());
    }
  }

  /// The same number in every type.
  private static double representable(double value) {
    return Math.rint(value * 128) / 128;
  }
}
