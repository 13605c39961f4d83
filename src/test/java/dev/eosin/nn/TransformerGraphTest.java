package dev.eosin.nn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.checkpoint.TensorData;
import dev.eosin.onnx.Attention;
import dev.eosin.onnx.ElementType;
import dev.eosin.onnx.GraphCase;
import dev.eosin.onnx.GraphPrecision;
import dev.eosin.onnx.GraphValue;
import dev.eosin.onnx.Opset;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Blocks as a graph, run by onnxruntime, against the kernels, on sizes that are drawn.
class TransformerGraphTest {
  private static final Engine ENGINE = Engine.start(Device.CPU, 2);

  @TempDir private Path folder;

  private static BlockStyle style(BlockStyle.Norms norms, boolean gated, boolean layerScale) {
    OptionalDouble factors = layerScale ? OptionalDouble.of(0.3) : OptionalDouble.empty();
    return new BlockStyle(norms, 1e-6, gated, factors, OptionalDouble.empty(), Dropout.NONE);
  }

  /// Sizes that depend on the seed alone.
  private record Sizes(int rows, int tokens, int layers, int width, int heads, int mlp) {
    static Sizes of(long seed) {
      RandomStream stream = new RandomKey(seed).stream(RandomKey.Purpose.INITIALISATION, 2, 0);
      int heads = stream.nextInt(1, 5);
      return new Sizes(
          stream.nextInt(1, 4),
          stream.nextInt(2, 12),
          stream.nextInt(1, 4),
          heads * stream.nextInt(2, 9),
          heads,
          stream.nextInt(5, 60));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "BEFORE, false, false, true, QUICK_GELU",
    "BEFORE, false, false, false, QUICK_GELU",
    "BEFORE, false, true, false, GELU",
    "BEFORE, true, true, false, GELU",
    "AFTER, false, false, false, GELU"
  })
  void theyGiveWhatTheKernelsGive(
      BlockStyle.Norms norms,
      boolean gated,
      boolean layerScale,
      boolean causal,
      Activation activation)
      throws IOException {
    for (long seed = 0; seed < 4; seed++) {
      Sizes sizes = Sizes.of(seed);
      var stack =
          new Transformer(
              "text",
              sizes.layers,
              sizes.width,
              sizes.heads,
              sizes.mlp,
              causal,
              activation,
              style(norms, gated, layerScale));
      Compared compared = compare(stack, sizes, seed, GraphPrecision.FP32);
      assertThat(compared.all).as("%s", sizes).isLessThan(2e-5);
      assertThat(compared.pooled).as("%s", sizes).isLessThan(2e-5);
    }
  }

  @ParameterizedTest
  @EnumSource(GraphPrecision.class)
  void narrowNumbersStayNear(GraphPrecision precision) throws IOException {
    Sizes sizes = new Sizes(2, 7, 3, 32, 4, 64);
    var stack =
        new Transformer("image", 3, 32, 4, 64, false, Activation.QUICK_GELU, BlockStyle.CLIP);
    Compared compared = compare(stack, sizes, 5, precision);
    double most =
        switch (precision) {
          case FP32 -> 2e-5;
          case FP16 -> 0.02;
          case INT8 -> 0.3;
        };
    assertThat(compared.all).isLessThan(most);
    assertThat(compared.pooled).isLessThan(most);
    if (precision != GraphPrecision.FP32) {
      assertThat(compared.all).isGreaterThan(2e-5);
    }
  }

  /// Largest differences from the kernels' numbers.
  private record Compared(double all, double pooled) {}

  private Compared compare(Transformer stack, Sizes sizes, long seed, GraphPrecision precision)
      throws IOException {
    boolean masked = stack.style().norms() == BlockStyle.Norms.AFTER;
    List<ParameterSet.Spec> specs =
        stack.weights().stream().map(weight -> weight.spec(false)).toList();
    TensorData x = GraphCase.normal(seed, 1, sizes.rows, sizes.tokens, sizes.width);
    long[] position = new long[sizes.rows];
    long[] counts = new long[sizes.rows * sizes.tokens];
    for (int row = 0; row < sizes.rows; row++) {
      position[row] = masked ? 0 : (seed + row) % sizes.tokens;
      for (int token = 0; token < sizes.tokens; token++) {
        counts[row * sizes.tokens + token] =
            masked && token > 1 && token >= sizes.tokens - row ? 0 : 1;
      }
    }
    try (ParameterSet parameters = ParameterSet.allocate(ENGINE, specs, DType.FLOAT32)) {
      RandomStream stream = new RandomKey(seed).stream(RandomKey.Purpose.INITIALISATION, 0, 0);
      specs.forEach(spec -> parameters.fill(spec.name(), () -> 0.2 * stream.nextGaussian()));
      Map<String, TensorData> weights = new HashMap<>();
      for (Parameter parameter : parameters.all()) {
        weights.put(
            parameter.name(), TensorData.of(parameter.data().toFloats(), parameter.data().shape()));
      }
      try (var graph = GraphCase.of(folder, weights, Opset.DEFAULT, precision)) {
        GraphValue tokens = graph.input("x", ElementType.FLOAT, 3);
        GraphValue at = graph.input("at", ElementType.INT64, 1);
        GraphValue counting = graph.input("counts", ElementType.INT64, 2);
        Optional<GraphValue> padding =
            masked ? Optional.of(Attention.notPadding(graph.pass(), counting)) : Optional.empty();
        var blocks = new TransformerGraph(graph.pass(), stack, padding);
        graph.output("pooled", blocks.pooled(tokens, at), 3);
        Map<String, TensorData> inputs =
            Map.of(
                "x", x,
                "at", TensorData.of(position, sizes.rows),
                "counts", TensorData.of(counts, sizes.rows, sizes.tokens));
        TensorData pooled = graph.run(inputs).get("pooled");
        TensorData all = all(stack, weights, precision, inputs);
        return new Compared(
            GraphCase.difference(all, kernels(stack, parameters, x, position, counts, false)),
            GraphCase.difference(
                Objects.requireNonNull(pooled),
                kernels(stack, parameters, x, position, counts, true)));
      }
    }
  }

  private TensorData all(
      Transformer stack,
      Map<String, TensorData> weights,
      GraphPrecision precision,
      Map<String, TensorData> inputs)
      throws IOException {
    try (var graph = GraphCase.of(folder, weights, Opset.DEFAULT, precision)) {
      GraphValue tokens = graph.input("x", ElementType.FLOAT, 3);
      graph.input("at", ElementType.INT64, 1);
      GraphValue counting = graph.input("counts", ElementType.INT64, 2);
      Optional<GraphValue> padding =
          stack.style().norms() == BlockStyle.Norms.AFTER
              ? Optional.of(Attention.notPadding(graph.pass(), counting))
              : Optional.empty();
      graph.output("all", new TransformerGraph(graph.pass(), stack, padding).last(tokens), 3);
      return Objects.requireNonNull(graph.run(inputs).get("all"));
    }
  }

  private static TensorData kernels(
      Transformer stack,
      ParameterSet parameters,
      TensorData x,
      long[] position,
      long[] counts,
      boolean pooled) {
    boolean masked = stack.style().norms() == BlockStyle.Norms.AFTER;
    long[] shape = x.dimensions();
    try (var graph = new Forward(ENGINE);
        Tensor tokens = ENGINE.of(x.floats(), shape);
        Tensor places = ENGINE.of(position, position.length);
        Tensor ids = ENGINE.of(counts, shape[0], shape[1])) {
      var pass = new Pass(graph, parameters, new BlockExecution(pooled, false, 0));
      Value[] beside =
          masked
              ? new Value[] {graph.adopt(ENGINE.kernels().one("not_padding", ids, 0))}
              : new Value[0];
      Value start = graph.constant(tokens);
      Value y =
          pooled
              ? stack.pooled(
                  pass,
                  start,
                  masked ? Optional.empty() : Optional.of(graph.constant(places)),
                  beside)
              : stack.last(pass, start, beside);
      return TensorData.of(y.data().toFloats(), y.data().shape());
    }
  }
}
