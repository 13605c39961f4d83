package dev.eosin.language.graphs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.checkpoint.SafetensorsWriter;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.file.AtomicFile;
import dev.eosin.language.RecordedDecoder;
import dev.eosin.language.T5;
import dev.eosin.language.T5Blocks;
import dev.eosin.language.TokenMask;
import dev.eosin.language.spec.T5Gate;
import dev.eosin.language.spec.T5Spec;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Initialiser;
import dev.eosin.nn.Pass;
import dev.eosin.onnx.GraphPrecision;
import dev.eosin.onnx.OnnxModel;
import dev.eosin.onnx.Opset;
import dev.eosin.onnx.runtime.GraphSession;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// T5 models as graphs, run by onnxruntime, against the kernels, on sizes and rows that are drawn:
/// whole answers, and in two calls with the keys and values of the first.
class T5GraphTest {
  @TempDir private Path folder;

  private static T5 model(long seed) {
    RandomStream draw = new RandomKey(seed).stream(RandomKey.Purpose.INITIALISATION, 2, 0);
    int buckets = 2 * draw.nextInt(2, 9);
    return new T5(
        "t5",
        new T5Spec(
            draw.nextInt(20, 60),
            draw.nextInt(5, 30),
            draw.nextInt(1, 4),
            draw.nextInt(1, 4),
            draw.nextInt(1, 5),
            draw.nextInt(2, 9),
            draw.nextInt(5, 40),
            T5Gate.values()[(int) (seed % 3)],
            draw.nextInt(0, 2) == 0,
            buckets,
            buckets / 2 + draw.nextInt(1, 9),
            1e-6,
            0,
            64));
  }

  /// The kernel computes logarithms, the graph looks them up: every distance, and some beyond the
  /// farthest.
  @Test
  void everyDistanceHasItsBucket() {
    for (int[] sizes : new int[][] {{32, 128}, {4, 3}, {8, 20}, {64, 1000}, {6, 50}}) {
      T5Spec spec =
          new T5Spec(9, 8, 1, 1, 1, 8, 8, T5Gate.NONE, false, sizes[0], sizes[1], 1e-6, 0, 8);
      for (boolean both : new boolean[] {false, true}) {
        int farthest = sizes[1];
        int n = 2 * farthest + 9;
        long[] table = T5Distances.buckets(spec, both);
        try (Tensor like = RecordedDecoder.ENGINE.of(new float[1], 1);
            Tensor found =
                RecordedDecoder.ENGINE
                    .kernels()
                    .one("t5_buckets", like, 0, n, n, sizes[0], T5Blocks.span(spec, both), both)) {
          long[] theirs = found.toLongs();
          for (int i = 0; i < theirs.length; i++) {
            int ahead = Math.clamp(i % n - i / n, -farthest, farthest);
            assertThat(table[ahead + farthest])
                .as("%d of %s, both ways %s", i % n - i / n, spec, both)
                .isEqualTo(theirs[i]);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2, 3, 4, 5, 6, 7})
  void theyGiveWhatTheKernelsGive(long seed) throws IOException {
    T5 model = model(seed);
    Compared compared = compare(model, seed, GraphPrecision.FP32);
    assertThat(compared.read).as("%s", model).isLessThan(5e-5);
    assertThat(compared.whole).as("%s", model).isLessThan(5e-5);
    assertThat(compared.continued).as("%s", model).isLessThan(5e-5);
  }

  @ParameterizedTest
  @EnumSource(GraphPrecision.class)
  void narrowNumbersStayNear(GraphPrecision precision) throws IOException {
    for (long seed : new long[] {0, 1, 5}) {
      Compared compared = compare(model(seed), seed, precision);
      double most =
          switch (precision) {
            case FP32 -> 5e-5;
            case FP16 -> 0.05;
            case INT8 -> 1;
          };
      assertThat(compared.read).isLessThan(most);
      assertThat(compared.whole).isLessThan(most);
      assertThat(compared.continued).isLessThan(most);
      if (precision != GraphPrecision.FP32) {
        assertThat(compared.whole).isGreaterThan(1e-5);
      }
    }
  }

  /// Largest differences from the kernels'.
  private record Compared(double read, double whole, double continued) {}

  private Compared compare(T5 model, long seed, GraphPrecision precision) throws IOException {
    List<ParameterSet.Spec> specs =
        model.weights().stream().map(weight -> weight.spec(false)).toList();
    try (ParameterSet parameters =
        ParameterSet.allocate(RecordedDecoder.ENGINE, specs, DType.FLOAT32)) {
      RandomStream stream = new RandomKey(seed).stream(RandomKey.Purpose.INITIALISATION, 0, 0);
      // T5's own first values: attention that is not scaled turns others into sharp choices.
      new Initialiser(new RandomKey(seed)).fill(parameters, model.weights());
      for (ParameterSet.Spec spec : specs) {
        if (spec.name().endsWith("norm.weight")) {
          parameters.fill(spec.name(), () -> 1 + 0.3 * stream.nextGaussian());
        }
      }
      var writer = new SafetensorsWriter(Map.of());
      for (Parameter parameter : parameters.all()) {
        writer.add(
            parameter.name(), TensorData.of(parameter.data().toFloats(), parameter.data().shape()));
      }
      Path file = folder.resolve("model.safetensors");
      writer.write(file);
      try (StoredTensors weights = StoredTensors.open(file)) {
        return compare(parameters, new T5Graph(model, weights, Opset.DEFAULT, precision), seed);
      }
    }
  }

  private GraphSession opened(OnnxModel model, String name) throws IOException {
    Path file = folder.resolve(name);
    AtomicFile.write(file, model.file());
    return GraphSession.open(file, 2);
  }

  private Compared compare(ParameterSet parameters, T5Graph graphs, long seed) throws IOException {
    T5 model = graphs.model();
    RandomStream draw = new RandomKey(seed).stream(RandomKey.Purpose.INITIALISATION, 3, 0);
    int rows = 3;
    int n = draw.nextInt(2, 14);
    int m = draw.nextInt(2, 12);
    int vocabulary = model.spec().vocabulary();
    long[] ids =
        LongStream.range(0, (long) rows * n).map(_ -> draw.nextInt(0, vocabulary)).toArray();
    long[] answers =
        LongStream.range(0, (long) rows * m).map(_ -> draw.nextInt(0, vocabulary)).toArray();
    long[] mask = new long[ids.length];
    Arrays.fill(mask, 1);
    // One row is filled up on the left, another on the right.
    mask[n] = 0;
    mask[mask.length - 1] = 0;
    float[][] wanted = kernels(model, parameters, ids, mask, answers, rows);
    try (GraphSession encoder =
            opened(graphs.encoder(DecoderGraph.Entry.IDS), "encoder_model.onnx");
        GraphSession decoder = opened(graphs.merged(), "decoder_model_merged.onnx")) {
      TensorData seen = TensorData.of(mask, rows, n);
      TensorData read =
          encoder
              .run(Map.of("input_ids", TensorData.of(ids, rows, n), "attention_mask", seen))
              .get("last_hidden_state");
      Map<String, TensorData> none = GraphSequences.nothing(model.spec(), rows, 2);
      int cut = draw.nextInt(1, m);
      Map<String, TensorData> whole =
          run(decoder, none, Objects.requireNonNull(read), seen, columns(answers, m, 0, m), false);
      Map<String, TensorData> first =
          run(
              decoder,
              none,
              Objects.requireNonNull(read),
              seen,
              columns(answers, m, 0, cut),
              false);
      Map<String, TensorData> second =
          run(
              decoder,
              GraphSequences.before(first),
              Objects.requireNonNull(read),
              seen,
              columns(answers, m, cut, m),
              true);
      return new Compared(
          difference(Objects.requireNonNull(read).floats(), wanted[0], mask),
          difference(Objects.requireNonNull(whole.get("logits")), wanted[1], m, 0, vocabulary),
          Math.max(
              difference(Objects.requireNonNull(first.get("logits")), wanted[1], m, 0, vocabulary),
              difference(
                  Objects.requireNonNull(second.get("logits")), wanted[1], m, cut, vocabulary)));
    }
  }

  private static Map<String, TensorData> run(
      GraphSession decoder,
      Map<String, TensorData> before,
      TensorData read,
      TensorData mask,
      TensorData ids,
      boolean continues)
      throws IOException {
    Map<String, TensorData> inputs = new HashMap<>(before);
    inputs.put("encoder_hidden_states", read);
    inputs.put("encoder_attention_mask", mask);
    inputs.put("input_ids", ids);
    inputs.put("use_cache_branch", GraphSequences.branch(continues));
    return decoder.run(inputs);
  }

  private static TensorData columns(long[] all, int width, int from, int to) {
    long[] some =
        IntStream.range(0, all.length)
            .filter(i -> i % width >= from && i % width < to)
            .mapToLong(i -> all[i])
            .toArray();
    return TensorData.of(some, all.length / width, to - from);
  }

  private static double difference(float[] found, float[] wanted, long[] mask) {
    int width = wanted.length / mask.length;
    double most = 0;
    for (int i = 0; i < wanted.length; i++) {
      if (mask[i / width] == 1) {
        most = Math.max(most, Math.abs((double) found[i] - wanted[i]));
      }
    }
    return most;
  }

  private static double difference(
      TensorData found, float[] wanted, int width, int from, int vocabulary) {
    int columns = found.shape().get(1).intValue();
    float[] logits = found.floats();
    double most = 0;
    for (int i = 0; i < logits.length; i++) {
      int token = i / vocabulary;
      int at = token / columns * width + from + token % columns;
      double difference = Math.abs((double) logits[i] - wanted[at * vocabulary + i % vocabulary]);
      most = Double.isNaN(difference) ? Double.NaN : Math.max(most, difference);
    }
    return most;
  }

  /// What the encoder gives, and logits.
  private static float[][] kernels(
      T5 model, ParameterSet parameters, long[] ids, long[] mask, long[] answers, int rows) {
    var engine = RecordedDecoder.ENGINE;
    try (var graph = new Forward(engine);
        Tensor asked = engine.of(ids, rows, ids.length / rows);
        Tensor told = engine.of(answers, rows, answers.length / rows);
        Tensor places = engine.of(LongStream.range(0, answers.length).toArray(), answers.length)) {
      var pass = new Pass(graph, parameters, BlockExecution.PLAIN);
      var seen = new TokenMask(rows, ids.length / rows, mask);
      Value read = model.encoder().through(pass, model.embed(pass, asked), seen);
      Value states = model.decoder().through(pass, model.embed(pass, told), read, seen);
      Value normed = model.decoder().normed(pass, model.decoder().rows(pass, states, places));
      return new float[][] {
        read.data().toFloats(), model.decoder().logits(pass, normed).data().toFloats()
      };
    }
  }
}
