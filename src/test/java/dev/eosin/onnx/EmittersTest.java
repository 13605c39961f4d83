package dev.eosin.onnx;

import static dev.eosin.onnx.GraphCase.normal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.checkpoint.TensorData;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import dev.eosin.onnx.runtime.GraphSession;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Each emitter, run by onnxruntime on sizes that are drawn, against the same written out in
/// doubles.
class EmittersTest {
  @TempDir private Path folder;

  private static int drawn(RandomStream stream, int least, int most) {
    return stream.nextInt(least, most + 1);
  }

  private static RandomStream sizes(long seed) {
    return new RandomKey(seed).stream(RandomKey.Purpose.INITIALISATION, 1, 0);
  }

  @ParameterizedTest
  @EnumSource(GraphPrecision.class)
  void aLinearIsTheProductWithItsWeight(GraphPrecision precision) throws IOException {
    for (long seed = 0; seed < 4; seed++) {
      RandomStream sizes = sizes(seed);
      int b = drawn(sizes, 1, 3);
      int n = drawn(sizes, 1, 9);
      int in = drawn(sizes, 1, 70);
      int out = drawn(sizes, 1, 70);
      TensorData x = normal(seed, 1, b, n, in);
      TensorData weight = normal(seed + 10, 0.3, out, in);
      TensorData bias = normal(seed + 20, 0.3, out);
      try (var graph =
          GraphCase.of(folder, Map.of("w", weight, "b", bias), Opset.DEFAULT, precision)) {
        GraphValue input = graph.input("x", ElementType.FLOAT, 3);
        graph.output("y", Linears.linear(graph.pass(), input, "w", "b"), 3);
        TensorData found = graph.run(Map.of("x", x)).get("y");
        double rounding =
            switch (precision) {
              case FP32 -> 1e-5;
              case FP16 -> 0.02;
              case INT8 -> 0.2;
            };
        assertThat(GraphCase.difference(Objects.requireNonNull(found), product(x, weight, bias)))
            .as("%d x %d x %d to %d", b, n, in, out)
            .isLessThan(rounding);
      }
    }
  }

  /// x wT + b in doubles.
  private static TensorData product(TensorData x, TensorData weight, TensorData bias) {
    int in = Math.toIntExact(weight.shape().get(1));
    int out = Math.toIntExact(weight.shape().get(0));
    int rows = Math.toIntExact(x.elements() / in);
    float[] values = new float[rows * out];
    for (int row = 0; row < rows; row++) {
      for (int i = 0; i < out; i++) {
        double sum = bias.floatingAt(i);
        for (int k = 0; k < in; k++) {
          sum += x.floatingAt((long) row * in + k) * weight.floatingAt((long) i * in + k);
        }
        values[row * out + i] = (float) sum;
      }
    }
    return TensorData.of(values, x.shape().get(0), x.shape().get(1), out);
  }

  @Test
  void aTableMayAlsoBeAHead() throws IOException {
    TensorData x = normal(1, 1, 2, 3, 7);
    TensorData table = normal(2, 0.3, 11, 7);
    try (var graph = GraphCase.of(folder, Map.of("table", table))) {
      GraphValue input = graph.input("x", ElementType.FLOAT, 3);
      GraphValue ids = graph.input("ids", ElementType.INT64, 2);
      GraphPass pass = graph.pass();
      graph.output("y", Linears.rows(pass, input, pass.weight("table"), 7), 3);
      graph.output("rows", Rows.of(pass, "table", ids), 3);
      assertThat(graph.graph().build().weights()).containsExactly("table");
      Map<String, TensorData> found =
          graph.run(Map.of("x", x, "ids", TensorData.of(new long[] {3, 0, 10}, 1, 3)));
      TensorData wanted = product(x, table, TensorData.of(new float[11], 11));
      assertThat(GraphCase.difference(Objects.requireNonNull(found.get("y")), wanted))
          .isLessThan(1e-5);
      assertThat(Objects.requireNonNull(found.get("rows")).row(0).floats())
          .startsWith(table.row(3).floats())
          .endsWith(table.row(10).floats());
    }
  }

  @Test
  void normsAreTakenOverTheLastDimension() throws IOException {
    for (long seed = 0; seed < 3; seed++) {
      int c = drawn(sizes(seed), 2, 90);
      TensorData x = normal(seed, 3, 2, 5, c);
      TensorData weight = normal(seed + 1, 1, c);
      TensorData bias = normal(seed + 2, 1, c);
      try (var graph = GraphCase.of(folder, Map.of("w", weight, "b", bias))) {
        GraphValue input = graph.input("x", ElementType.FLOAT, 3);
        GraphPass pass = graph.pass();
        graph.output("layer", Norms.layerNorm(pass, input, "w", "b", 1e-5), 3);
        graph.output("rms", Norms.rmsNorm(pass, input, "w", 1e-6), 3);
        graph.output("unit", Norms.unit(pass, input), 3);
        Map<String, TensorData> found = graph.run(Map.of("x", x));
        for (int row = 0; row < 10; row++) {
          double mean = 0;
          double squares = 0;
          for (int i = 0; i < c; i++) {
            mean += x.floatingAt((long) row * c + i) / c;
            squares += Math.pow(x.floatingAt((long) row * c + i), 2) / c;
          }
          for (int i = 0; i < c; i++) {
            long at = (long) row * c + i;
            double value = x.floatingAt(at);
            double w = weight.floatingAt(i);
            assertThat(Objects.requireNonNull(found.get("layer")).floatingAt(at))
                .isCloseTo(
                    (value - mean) / Math.sqrt(squares - mean * mean + 1e-5) * w
                        + bias.floatingAt(i),
                    within(2e-5));
            assertThat(Objects.requireNonNull(found.get("rms")).floatingAt(at))
                .isCloseTo(value / Math.sqrt(squares + 1e-6) * w, within(1e-5));
            assertThat(Objects.requireNonNull(found.get("unit")).floatingAt(at))
                .isCloseTo(value / Math.sqrt(squares * c), within(1e-6));
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {18, 19, 20, 21})
  void activationsAreWhatTheyAreCalled(int opset) throws IOException {
    TensorData x = normal(5, 2, 300);
    try (var graph = GraphCase.of(folder, Map.of(), new Opset(opset), GraphPrecision.FP32)) {
      GraphValue input = graph.input("x", ElementType.FLOAT, 1);
      GraphPass pass = graph.pass();
      graph.output("gelu", Activations.gelu(pass, input), 1);
      graph.output("tanh", Activations.tanhGelu(pass, input), 1);
      graph.output("quick", Activations.quickGelu(pass, input), 1);
      graph.output("silu", Activations.silu(pass, input), 1);
      graph.output("relu", Activations.relu(pass, input), 1);
      Map<String, TensorData> found = graph.run(Map.of("x", x));
      compare(Objects.requireNonNull(found.get("gelu")), x, v -> v * phi(v));
      compare(
          Objects.requireNonNull(found.get("tanh")),
          x,
          v -> v / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v * v * v))));
      compare(Objects.requireNonNull(found.get("quick")), x, v -> v / (1 + Math.exp(-1.702 * v)));
      compare(Objects.requireNonNull(found.get("silu")), x, v -> v / (1 + Math.exp(-v)));
      compare(Objects.requireNonNull(found.get("relu")), x, v -> Math.max(0, v));
    }
  }

  private static void compare(TensorData found, TensorData x, DoubleUnaryOperator wanted) {
    for (long i = 0; i < x.elements(); i++) {
      double value = x.floatingAt(i);
      assertThat(found.floatingAt(i)).isCloseTo(wanted.applyAsDouble(value), within(2e-6));
    }
  }

  /// The normal distribution's, by the trapezoidal rule.
  private static double phi(double x) {
    int steps = 20_000;
    double width = x / steps;
    double sum = 0;
    for (int i = 0; i < steps; i++) {
      double middle = (i + 0.5) * width;
      sum += Math.exp(-middle * middle / 2) * width;
    }
    return 0.5 + sum / Math.sqrt(2 * Math.PI);
  }

  @Test
  void attentionSeesWhatItsMaskNames() throws IOException {
    for (long seed = 0; seed < 4; seed++) {
      RandomStream sizes = sizes(seed);
      int b = drawn(sizes, 1, 3);
      int h = drawn(sizes, 1, 4);
      int n = drawn(sizes, 1, 6);
      int m = n + drawn(sizes, 0, 5);
      int d = drawn(sizes, 1, 9);
      TensorData q = normal(seed, 1, b, h, n, d);
      TensorData k = normal(seed + 1, 1, b, h, m, d);
      TensorData v = normal(seed + 2, 1, b, h, m, d);
      long[] counts = new long[b * m];
      for (int i = 0; i < counts.length; i++) {
        counts[i] = i % m == 0 ? 1 : sizes.nextInt(2);
      }
      try (var graph = GraphCase.of(folder, Map.of())) {
        GraphPass pass = graph.pass();
        GraphValue query = graph.input("q", ElementType.FLOAT, 4);
        GraphValue key = graph.input("k", ElementType.FLOAT, 4);
        GraphValue value = graph.input("v", ElementType.FLOAT, 4);
        GraphValue padding =
            Attention.notPadding(pass, graph.input("counts", ElementType.INT64, 2));
        GraphValue causal =
            Attention.causal(pass, Attention.size(pass, query, 2), Attention.size(pass, key, 2));
        GraphValue seen = graph.graph().op("And", ElementType.BOOL, List.of(padding, causal));
        double scale = Math.pow(d, -0.5);
        GraphValue masked =
            Attention.attended(
                pass, query, key, value, scale, Optional.of(Attention.mask(pass, seen)));
        graph.output("masked", masked, 4);
        graph.output("tokens", Attention.tokens(pass, masked, (long) h * d), 3);
        graph.output(
            "back", Attention.heads(pass, Attention.tokens(pass, masked, (long) h * d), h, d), 4);
        graph.output(
            "all", Attention.attended(pass, query, key, value, scale, Optional.empty()), 4);
        Map<String, TensorData> found =
            graph.run(Map.of("q", q, "k", k, "v", v, "counts", TensorData.of(counts, b, m)));
        assertThat(
                GraphCase.difference(
                    Objects.requireNonNull(found.get("masked")), attended(q, k, v, counts)))
            .as("b %d h %d n %d m %d d %d", b, h, n, m, d)
            .isLessThan(1e-5);
        assertThat(
                GraphCase.difference(Objects.requireNonNull(found.get("all")), attended(q, k, v)))
            .isLessThan(1e-5);
        assertThat(Objects.requireNonNull(found.get("tokens")).shape())
            .containsExactly((long) b, (long) n, (long) h * d);
        assertThat(Objects.requireNonNull(found.get("back")).floats())
            .isEqualTo(Objects.requireNonNull(found.get("masked")).floats());
      }
    }
  }

  /// @param counts of each key [b,m], 0 where it is not seen, also none that stands behind a token;
  ///   everything is seen where there are none
  private static TensorData attended(TensorData q, TensorData k, TensorData v, long... counts) {
    int b = Math.toIntExact(q.shape().get(0));
    int h = Math.toIntExact(q.shape().get(1));
    int n = Math.toIntExact(q.shape().get(2));
    int m = Math.toIntExact(k.shape().get(2));
    int d = Math.toIntExact(q.shape().get(3));
    float[] result = new float[b * h * n * d];
    for (int head = 0; head < b * h; head++) {
      for (int token = 0; token < n; token++) {
        double[] shares = new double[m];
        double sum = 0;
        for (int key = 0; key < m; key++) {
          boolean seen =
              counts.length == 0 || counts[head / h * m + key] == 1 && key <= m - n + token;
          double score = 0;
          for (int i = 0; i < d; i++) {
            score +=
                q.floatingAt(((long) head * n + token) * d + i)
                    * k.floatingAt(((long) head * m + key) * d + i);
          }
          shares[key] = seen ? Math.exp(score / Math.sqrt(d)) : 0;
          sum += shares[key];
        }
        for (int i = 0; i < d; i++) {
          double value = 0;
          for (int key = 0; key < m; key++) {
            value += shares[key] / sum * v.floatingAt(((long) head * m + key) * d + i);
          }
          result[(head * n + token) * d + i] = (float) value;
        }
      }
    }
    return TensorData.of(result, b, h, n, d);
  }

  @Test
  void aTokenOfEachRowIsTaken() throws IOException {
    TensorData x = normal(3, 1, 2, 4, 3);
    try (var graph = GraphCase.of(folder, Map.of("table", normal(4, 1, 9, 3)))) {
      GraphPass pass = graph.pass();
      GraphValue tokens = graph.input("x", ElementType.FLOAT, 3);
      GraphValue at = graph.input("at", ElementType.INT64, 1);
      graph.output("taken", Rows.at(pass, tokens, at), 3);
      graph.output("first", Rows.firstToken(pass, tokens), 3);
      graph.output("places", Rows.first(pass, "table", Attention.size(pass, tokens, 1)), 2);
      Map<String, TensorData> found =
          graph.run(Map.of("x", x, "at", TensorData.of(new long[] {2, 3}, 2)));
      assertThat(Objects.requireNonNull(found.get("taken")).shape()).containsExactly(2L, 1L, 3L);
      for (int i = 0; i < 3; i++) {
        assertThat(found.get("taken").floatingAt(i)).isEqualTo(x.floatingAt(2 * 3 + i));
        assertThat(found.get("taken").floatingAt(3 + i)).isEqualTo(x.floatingAt((4 + 3) * 3 + i));
        assertThat(Objects.requireNonNull(found.get("first")).floatingAt(3 + i))
            .isEqualTo(x.floatingAt(4 * 3 + i));
      }
      assertThat(Objects.requireNonNull(found.get("places")).floats())
          .isEqualTo(java.util.Arrays.copyOf(normal(4, 1, 9, 3).floats(), 12));
    }
  }

  @Test
  void weightsMayLieInAFileBesideTheGraph() throws IOException {
    TensorData x = normal(1, 1, 1, 5, 40);
    Map<String, TensorData> weights =
        Map.of("w", normal(2, 0.3, 33, 40), "b", normal(3, 1, 33), "v", normal(4, 0.3, 40, 33));
    try (var graph = GraphCase.of(folder, weights)) {
      GraphPass pass = graph.pass();
      GraphValue input = graph.input("x", ElementType.FLOAT, 3);
      GraphValue up = Linears.linear(pass, input, "w", "b");
      graph.output("y", pass.marked("end", Linears.linear(pass, up, "v")), 3);
      OnnxModel model = graph.graph().build();
      Path file = folder.resolve("beside.onnx");
      AtomicFile.write(file, model.fileBeside("beside.onnx.data"));
      AtomicFile.write(folder.resolve("beside.onnx.data"), model.weightsFile());
      assertThat(Files.size(file)).isLessThan(2000);
      try (GraphSession session = GraphSession.open(file, 1)) {
        assertThat(Objects.requireNonNull(session.run(Map.of("x", x)).get("y")).floats())
            .isEqualTo(Objects.requireNonNull(graph.run(Map.of("x", x)).get("y")).floats());
      }
      Map<String, TensorData> marked = graph.run(model.withMarks(), Map.of("x", x));
      assertThat(Objects.requireNonNull(marked.get(model.marks().get("end"))).floats())
          .isEqualTo(Objects.requireNonNull(marked.get("y")).floats());
    }
  }

  @Test
  void whatCannotBeWrittenIsSaid() throws IOException {
    var large = TensorData.of(new float[] {1, 1e6f}, 1, 2);
    try (var graph = GraphCase.of(folder, Map.of("w", large), Opset.DEFAULT, GraphPrecision.FP16)) {
      GraphValue input = graph.input("x", ElementType.FLOAT, 2);
      graph.output("y", Linears.linear(graph.pass(), input, "w"), 2);
      assertThatThrownBy(() -> graph.run(Map.of("x", normal(1, 1, 1, 2))))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("tensor w holds 1000000.0, too large for fp16; export it as fp32");
      assertThatThrownBy(() -> graph.pass().weight("nothing"))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("nothing");
    }
    assertThatThrownBy(() -> new Opset(17))
        .hasMessage("opset 17 is none that graphs are written in; expected 18 to 21");
  }
}
