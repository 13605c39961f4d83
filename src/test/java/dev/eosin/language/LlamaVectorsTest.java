package dev.eosin.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.language.spec.LlamaSpec;
import dev.eosin.language.spec.Rotary;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Pass;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Tokens by Java's vectors score what they score by libtorch's kernels.
class LlamaVectorsTest {
  private static final Engine ENGINE = Engine.start(Device.CPU, 2);
  private static final int VOCABULARY = 40;
  private static final int MOST = 24;

  private static Llama llama(
      int width, int heads, int groups, int headWidth, boolean biased, OptionalInt window) {
    var rotary = new Rotary(10_000, new Rotary.Scaling.None());
    return Llama.of(
        "decoder",
        new LlamaSpec(
            VOCABULARY,
            width,
            2,
            heads,
            groups,
            headWidth,
            25,
            biased,
            !biased,
            window,
            1e-5,
            rotary,
            64));
  }

  private static Llama adapted(Llama plain, boolean magnitude, List<Integer> tokens) {
    Map<String, Adapters.Pair> pairs = new LinkedHashMap<>();
    plain.linears().stream()
        .filter(name -> !name.contains("key"))
        .forEach(name -> pairs.put(name, new Adapters.Pair(3, 0.5, magnitude)));
    return plain.with(new Adapters(pairs, 0, tokens));
  }

  static Stream<Llama> models() {
    Llama plain = llama(16, 4, 2, 4, false, OptionalInt.empty());
    return Stream.of(
        plain,
        llama(21, 3, 3, 6, false, OptionalInt.empty()),
        llama(16, 4, 1, 20, true, OptionalInt.empty()),
        llama(64, 2, 1, 68, false, OptionalInt.empty()),
        llama(16, 4, 2, 4, false, OptionalInt.of(5)),
        adapted(plain, false, List.of()),
        adapted(plain, false, List.of(3, 7)));
  }

  private static ParameterSet parameters(Llama model, DType type) {
    List<Weight> weights = new ArrayList<>(model.weights());
    weights.addAll(model.adapterWeights());
    List<ParameterSet.Spec> specs = weights.stream().map(weight -> weight.spec(false)).toList();
    ParameterSet set = ParameterSet.allocate(ENGINE, specs, type);
    DrawnWeights.fill(ENGINE, set, weights);
    return set;
  }

  /// Scores of everything that a memory is asked for: a prompt, tokens, other rows, tokens.
  private static List<float[]> scores(Llama model, Pass pass, boolean byVectors) {
    int[] lengths = {7, 4, 7};
    Random random = new Random(9);
    long[] ids = random.longs(3L * 7, 0, VOCABULARY).toArray();
    List<float[]> scores = new ArrayList<>();
    Optional<LlamaVectors> vectors = byVectors ? LlamaVectors.of(model, pass, 3) : Optional.empty();
    assertThat(vectors.isPresent()).isEqualTo(byVectors);
    try (RowMemory memory = LlamaMemory.begin(model, pass, 3, MOST, vectors);
        Tensor tokens = model.looked(pass, ids, 3)) {
      kept(memory.begin(tokens, Columns.endingTogether(7, lengths)), scores);
      for (int step = 0; step < 9; step++) {
        kept(memory.next(random.longs(memory.rows(), 0, VOCABULARY).toArray()), scores);
        if (step == 2) {
          memory.choose(new int[] {1, 0, 2, 1, 1});
        } else if (step == 4) {
          memory.choose(new int[] {1, 0, 0, 4, 3});
        } else if (step == 6) {
          memory.choose(new int[] {2, 4});
        }
      }
    }
    return scores;
  }

  private static void kept(Tensor logits, List<float[]> scores) {
    try (logits) {
      scores.add(logits.toFloats());
    }
  }

  private static void assertSame(Llama model, DType type, float tolerance) {
    try (ParameterSet parameters = parameters(model, type);
        Forward forward = new Forward(ENGINE)) {
      Pass pass = new Pass(forward, parameters, BlockExecution.PLAIN);
      List<float[]> expected = scores(model, pass, false);
      List<float[]> found = scores(model, pass, true);
      assertThat(found).hasSize(expected.size());
      for (int i = 0; i < found.size(); i++) {
        assertThat(found.get(i))
            .as("step %d", i)
            .containsExactly(expected.get(i), within(tolerance));
      }
      assertThat(expected.getLast()[0]).isNotEqualTo(expected.get(3)[0]);
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void tokensScoreAsByKernels(Llama model) {
    assertSame(model, DType.FLOAT32, 2e-5f);
  }

  // Kernels round what enters a product of bf16 weights to bf16; vectors do not.
  @Test
  void narrowWeightsAreReadInPlace() {
    assertSame(llama(16, 4, 2, 4, true, OptionalInt.empty()), DType.BFLOAT16, 0.08f);
  }

  @Test
  void otherTypesAndAdaptersWithMagnitudesAreLeftToKernels() {
    Llama plain = llama(16, 4, 2, 4, false, OptionalInt.empty());
    assertLeft(plain, DType.FLOAT16);
    assertLeft(adapted(plain, true, List.of()), DType.FLOAT32);
  }

  private static void assertLeft(Llama model, DType type) {
    try (ParameterSet parameters = parameters(model, type);
        Forward forward = new Forward(ENGINE)) {
      Pass pass = new Pass(forward, parameters, BlockExecution.PLAIN);
      assertThat(LlamaVectors.of(model, pass, 1)).isEmpty();
    }
  }
}
