package dev.eosin.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.Graph;
import dev.eosin.tensor.KernelListener;
import dev.eosin.tensor.MatrixProducts;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tape;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.BiFunction;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The kernels of fully trained and of forward-only blocks, with either library's matrix products,
/// against the block that autograd differentiates.
class BlockProductsTest {
  private static final MatrixProducts MIXED = MatrixProducts.parse("onednn,libtorch,onednn");
  private static final Map<MatrixProducts, Engine> ENGINES = engines();
  private static final BlockExecution FAST = new BlockExecution(false, true, 0);
  private static final int WIDTH = 32;
  private static final long[] TOKENS = {3, 7, WIDTH};

  private static Map<MatrixProducts, Engine> engines() {
    var engines = new HashMap<MatrixProducts, Engine>();
    for (MatrixProducts products : List.of(MatrixProducts.LIBTORCH, MatrixProducts.ONEDNN, MIXED)) {
      engines.put(products, Engine.start(Device.CPU, 2, products, KernelListener.NONE));
    }
    return engines;
  }

  private static Transformer blocks(boolean causal, Activation activation) {
    return blocks(causal, activation, BlockStyle.CLIP);
  }

  private static Transformer blocks(boolean causal, Activation activation, BlockStyle style) {
    return new Transformer("image", 2, WIDTH, 4, 4 * WIDTH, causal, activation, style);
  }

  /// Blocks as timm's vision transformers have them.
  private static BlockStyle style(boolean gated, boolean layerScale) {
    OptionalDouble factors = layerScale ? OptionalDouble.of(0.3) : OptionalDouble.empty();
    return new BlockStyle(
        BlockStyle.Norms.BEFORE, 1e-6, gated, factors, OptionalDouble.empty(), Dropout.NONE);
  }

  private static ParameterSet parameters(
      Engine engine, Transformer blocks, DType compute, boolean trainable) {
    return filled(
        engine, blocks.weights().stream().map(weight -> weight.spec(trainable)).toList(), compute);
  }

  private static ParameterSet adapted(Engine engine, Transformer blocks, LowRank lowRank) {
    List<ParameterSet.Spec> specs = new ArrayList<>();
    blocks.weights().forEach(weight -> specs.add(weight.spec(false)));
    blocks.adapters(lowRank).forEach(weight -> specs.add(weight.spec(true)));
    return filled(engine, specs, DType.FLOAT32);
  }

  private static ParameterSet filled(Engine engine, List<ParameterSet.Spec> specs, DType compute) {
    ParameterSet parameters = ParameterSet.allocate(engine, specs, compute);
    RandomStream stream = new RandomKey(5).stream(RandomKey.Purpose.INITIALISATION, 0, 0);
    for (ParameterSet.Spec spec : specs) {
      parameters.fill(spec.name(), () -> 0.2 * stream.nextGaussian());
    }
    return parameters;
  }

  private static Tensor random(Engine engine, int seed, DType dtype) {
    return random(engine, seed, dtype, TOKENS);
  }

  private static Tensor random(Engine engine, int seed, DType dtype, long... shape) {
    RandomStream stream = new RandomKey(seed).stream(RandomKey.Purpose.INITIALISATION, 0, 1);
    float[] values = new float[(int) LongStream.of(shape).reduce(1, Math::multiplyExact)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) stream.nextGaussian();
    }
    try (Tensor wide = engine.of(values, shape)) {
      return engine.kernels().one("to_host", wide, dtype.scalarType());
    }
  }

  /// The output under the name "output", and every gradient.
  private static Map<String, float[]> trained(
      Engine engine, Transformer blocks, DType compute, BlockExecution execution) {
    try (ParameterSet parameters = parameters(engine, blocks, compute, true)) {
      return trained(engine, blocks, parameters, compute, execution, blocks::last);
    }
  }

  private static Map<String, float[]> trained(
      Engine engine,
      Transformer blocks,
      ParameterSet parameters,
      DType compute,
      BlockExecution execution,
      BiFunction<Pass, Value, Value> through) {
    var found = new HashMap<String, float[]>();
    try (Tensor tokens = random(engine, 1, compute);
        Tape tape = new Tape(engine)) {
      Value x = tape.leaf(tokens);
      Value last = through.apply(new Pass(tape, parameters, execution), x);
      found.put("output", last.data().toFloats());
      tape.backward(
          List.of(last),
          List.of(random(engine, 2, compute, last.data().shape())),
          (ready, values) -> {
            for (int i = 0; i < ready.size(); i++) {
              found.put(ready.get(i).name(), values.get(i).toFloats());
              values.get(i).close();
            }
          });
      try (Tensor gradient = tape.takeGradient(x)) {
        found.put("input", gradient.toFloats());
      }
    }
    return found;
  }

  private static float[] forward(
      Engine engine, Transformer blocks, DType compute, boolean trainable) {
    try (ParameterSet parameters = parameters(engine, blocks, compute, trainable);
        Tensor tokens = random(engine, 1, compute);
        Forward graph = new Forward(engine)) {
      Value x = graph.constant(tokens);
      return blocks.last(new Pass(graph, parameters, FAST), x).data().toFloats();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "LIBTORCH, GELU, false, false, false",
    "LIBTORCH, QUICK_GELU, true, false, false",
    "LIBTORCH, GELU, false, true, true",
    "LIBTORCH, QUICK_GELU, false, false, true",
    "ONEDNN, GELU, true, false, false",
    "ONEDNN, QUICK_GELU, false, false, false",
    "ONEDNN, GELU, false, true, false",
    "ONEDNN, GELU, false, true, true",
    "ONEDNN, QUICK_GELU, true, false, true",
    "'onednn,libtorch,onednn', GELU, false, false, true"
  })
  void everyLibraryGivesTheOutputsAndGradientsOfAutograd(
      MatrixProducts products,
      Activation activation,
      boolean causal,
      boolean gated,
      boolean layerScale) {
    Transformer blocks = blocks(causal, activation, style(gated, layerScale));
    Engine engine = Objects.requireNonNull(ENGINES.get(products));
    Map<String, float[]> expected = trained(engine, blocks, DType.FLOAT32, BlockExecution.PLAIN);
    Map<String, float[]> found = trained(engine, blocks, DType.FLOAT32, FAST);
    assertThat(found.keySet()).isEqualTo(expected.keySet()).hasSize(2 * (layerScale ? 14 : 12) + 2);
    expected.forEach(
        (name, values) -> check(name, Objects.requireNonNull(found.get(name)), values));
    float[] output = Objects.requireNonNull(expected.get("output"));
    check("forward only", forward(engine, blocks, DType.FLOAT32, true), output);
    check("frozen", forward(engine, blocks, DType.FLOAT32, false), output);
  }

  /// With dropout of what enters the pairs; gradients of the pairs and of the tokens.
  @ParameterizedTest
  @CsvSource({
    "LIBTORCH, QUICK_GELU, false, false",
    "LIBTORCH, GELU, true, true",
    "ONEDNN, GELU, false, true",
    "ONEDNN, GELU, true, false",
    "ONEDNN, QUICK_GELU, false, true",
    "'onednn,libtorch,onednn', GELU, true, true"
  })
  void adaptedBlocksGiveTheOutputsAndGradientsOfAutograd(
      MatrixProducts products, Activation activation, boolean gated, boolean layerScale) {
    Transformer blocks = blocks(false, activation, style(gated, layerScale));
    Engine engine = Objects.requireNonNull(ENGINES.get(products));
    var lowRank = new LowRank(3, 6, true, true, 0.2);
    var dropout = Optional.of(new AdapterDropout(new RandomKey(11), 5, 7_000_000_000L, 6));
    try (ParameterSet parameters = adapted(engine, blocks, lowRank)) {
      Map<String, Map<String, float[]>> found = new HashMap<>();
      for (BlockExecution execution : List.of(BlockExecution.PLAIN, FAST)) {
        BlockExecution beside = execution.adapted(Map.of("image", lowRank)).dropping(dropout);
        String whose = execution.ownBackward() ? "own" : "autograd";
        found.put(whose, trained(engine, blocks, parameters, DType.FLOAT32, beside, blocks::last));
      }
      Map<String, float[]> expected = Objects.requireNonNull(found.get("autograd"));
      Map<String, float[]> own = Objects.requireNonNull(found.get("own"));
      assertThat(own.keySet()).isEqualTo(expected.keySet()).hasSize(2 * 8 + 2);
      expected.forEach(
          (name, values) -> check(name, Objects.requireNonNull(own.get(name)), values));
    }
  }

  @ParameterizedTest
  @CsvSource({"GELU", "QUICK_GELU"})
  void narrowTypesAreTheSameWithEitherLibrary(Activation activation) {
    Transformer blocks = blocks(false, activation);
    Engine ours = Objects.requireNonNull(ENGINES.get(MatrixProducts.ONEDNN));
    Engine theirs = Objects.requireNonNull(ENGINES.get(MatrixProducts.LIBTORCH));
    Map<String, float[]> expected = trained(theirs, blocks, DType.BFLOAT16, FAST);
    Map<String, float[]> found = trained(ours, blocks, DType.BFLOAT16, FAST);
    expected.forEach((name, values) -> assertThat(found.get(name)).as(name).isEqualTo(values));
    assertThat(forward(ours, blocks, DType.BFLOAT16, true))
        .isEqualTo(forward(theirs, blocks, DType.BFLOAT16, true));
  }

  @Test
  void theSameProductsGiveTheSameBits() {
    Transformer blocks = blocks(false, Activation.GELU);
    ENGINES.forEach(
        (products, engine) -> {
          Map<String, float[]> first = trained(engine, blocks, DType.FLOAT32, FAST);
          Map<String, float[]> second = trained(engine, blocks, DType.FLOAT32, FAST);
          first.forEach(
              (name, values) ->
                  assertThat(second.get(name)).as(products + " " + name).isEqualTo(values));
        });
  }

  private static void check(String name, float[] found, float[] expected) {
    float largest = 1;
    for (float value : expected) {
      largest = Math.max(largest, Math.abs(value));
    }
    assertThat(found).as(name).containsExactly(expected, within(1e-5f * largest));
  }

  /// Blocks as BERT has them.
  private static Transformer after(Dropout dropout) {
    var style =
        new BlockStyle(
            BlockStyle.Norms.AFTER,
            1e-12,
            false,
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            dropout);
    return new Transformer("text", 2, WIDTH, 4, 4 * WIDTH, false, Activation.GELU, style);
  }

  /// A mask, in which the last token of the first row and the middle one of the last are not there,
  /// and seeds.
  private static Value[] besideTokens(Pass pass, Dropout dropout) {
    Engine engine = pass.engine();
    Graph graph = pass.graph();
    long[] ids = LongStream.range(0, 3 * 7).map(i -> i == 6 || i == 17 ? 0 : i + 1).toArray();
    List<Value> beside = new ArrayList<>();
    try (Tensor words = engine.of(ids, 3, 7)) {
      beside.add(graph.adopt(engine.kernels().one("not_padding", words, 0)));
    }
    if (dropout.hidden() > 0) {
      int sites = 1 + 2 * PostNorm.SEEDS;
      long[] seeds = LongStream.range(0, 3L * sites).map(i -> 77 * i).toArray();
      beside.add(graph.adopt(engine.of(seeds, 3, sites)));
    }
    return beside.toArray(Value[]::new);
  }

  @ParameterizedTest
  @CsvSource({
    "LIBTORCH, 0, 0, 0",
    "LIBTORCH, 0.1, 0.2, 0",
    "ONEDNN, 0, 0, 1",
    "ONEDNN, 0.1, 0, 0",
    "ONEDNN, 0.1, 0.2, 1"
  })
  void blocksWithNormsAfterTheSumsAreAutograds(
      MatrixProducts products, double hidden, double attention, int recomputeEvery) {
    Engine engine = Objects.requireNonNull(ENGINES.get(products));
    var dropout = new Dropout(hidden, attention);
    Transformer blocks = after(dropout);
    try (ParameterSet parameters = parameters(engine, blocks, DType.FLOAT32, true)) {
      Map<String, float[]> expected =
          trained(
              engine,
              blocks,
              parameters,
              DType.FLOAT32,
              BlockExecution.PLAIN,
              (pass, x) -> blocks.last(pass, x, besideTokens(pass, dropout)));
      Map<String, float[]> found =
          trained(
              engine,
              blocks,
              parameters,
              DType.FLOAT32,
              FAST.recomputing(recomputeEvery),
              (pass, x) -> blocks.last(pass, x, besideTokens(pass, dropout)));
      assertThat(found.keySet()).hasSize(2 * 12 + 2).isEqualTo(expected.keySet());
      expected.forEach(
          (name, values) -> check(name, Objects.requireNonNull(found.get(name)), values));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "LIBTORCH, QUICK_GELU, true, false, false, 0",
    "LIBTORCH, GELU, false, true, true, 0",
    "ONEDNN, QUICK_GELU, true, false, false, 1",
    "ONEDNN, QUICK_GELU, false, false, true, 0",
    "ONEDNN, GELU, true, true, false, 0"
  })
  void aBlockForOneTokenIsAutograds(
      MatrixProducts products,
      Activation activation,
      boolean causal,
      boolean gated,
      boolean layerScale,
      int recomputeEvery) {
    Engine engine = Objects.requireNonNull(ENGINES.get(products));
    Transformer blocks = blocks(causal, activation, style(gated, layerScale));
    BiFunction<Pass, Value, Value> pooled =
        (pass, x) -> {
          Value position = pass.graph().adopt(engine.of(new long[] {6, 0, 3}, 3));
          return blocks.pooled(pass, x, Optional.of(position));
        };
    try (ParameterSet parameters = parameters(engine, blocks, DType.FLOAT32, true)) {
      var plain = new BlockExecution(true, false, 0);
      Map<String, float[]> expected =
          trained(engine, blocks, parameters, DType.FLOAT32, plain, pooled);
      var own = new BlockExecution(true, true, recomputeEvery);
      Map<String, float[]> found = trained(engine, blocks, parameters, DType.FLOAT32, own, pooled);
      assertThat(found.keySet())
          .isEqualTo(expected.keySet())
          .hasSize(2 * (layerScale ? 14 : 12) + 2);
      expected.forEach(
          (name, values) -> check(name, Objects.requireNonNull(found.get(name)), values));
    }
  }
}
