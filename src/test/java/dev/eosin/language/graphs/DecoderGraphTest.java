package dev.eosin.language.graphs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.checkpoint.SafetensorsWriter;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.file.AtomicFile;
import dev.eosin.language.AdaptedDecoder;
import dev.eosin.language.Columns;
import dev.eosin.language.Decoder;
import dev.eosin.language.Llama;
import dev.eosin.language.Opt;
import dev.eosin.language.RecordedDecoder;
import dev.eosin.language.spec.LlamaSpec;
import dev.eosin.language.spec.OptSpec;
import dev.eosin.language.spec.Rotary;
import dev.eosin.language.stored.AdapterSettings;
import dev.eosin.language.stored.MergedAdapters;
import dev.eosin.nn.BlockExecution;
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
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Decoders as graphs, run by onnxruntime, against the kernels, on sizes and rows that are drawn:
/// all columns at once, and in two calls with the keys and values of the first.
class DecoderGraphTest {
  @TempDir private Path folder;

  private static Llama llama(long seed) {
    RandomStream draw = new RandomKey(seed).stream(RandomKey.Purpose.INITIALISATION, 2, 0);
    int groups = draw.nextInt(1, 4);
    int heads = groups * draw.nextInt(1, 4);
    Rotary.Scaling scaling =
        switch (draw.nextInt(0, 3)) {
          case 0 -> new Rotary.Scaling.None();
          case 1 -> new Rotary.Scaling.Linear(2.5);
          default -> new Rotary.Scaling.Llama3(8, 1, 4, 16);
        };
    return Llama.of(
        "decoder",
        new LlamaSpec(
            draw.nextInt(20, 70),
            draw.nextInt(3, 30),
            draw.nextInt(1, 4),
            heads,
            groups,
            2 * draw.nextInt(1, 7),
            draw.nextInt(5, 50),
            draw.nextInt(0, 2) == 0,
            draw.nextInt(0, 2) == 0,
            draw.nextInt(0, 2) == 0 ? OptionalInt.empty() : OptionalInt.of(draw.nextInt(1, 6)),
            1e-5,
            new Rotary(10_000, scaling),
            64));
  }

  private static Opt opt(long seed) {
    RandomStream draw = new RandomKey(seed).stream(RandomKey.Purpose.INITIALISATION, 2, 0);
    int heads = draw.nextInt(1, 5);
    return Opt.of(
        "decoder",
        new OptSpec(
            draw.nextInt(20, 70),
            heads * draw.nextInt(2, 9),
            draw.nextInt(1, 4),
            heads,
            draw.nextInt(5, 50),
            32));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2, 3, 4, 5, 6, 7})
  void llamasGiveWhatTheKernelsGive(long seed) throws IOException {
    Llama decoder = llama(seed);
    Compared compared = compare(plain(decoder), seed, GraphPrecision.FP32);
    assertThat(compared.whole).as("%s", decoder).isLessThan(5e-5);
    assertThat(compared.continued).as("%s", decoder).isLessThan(5e-5);
    assertThat(compared.pieces).as("%s", decoder).isLessThan(5e-5);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2, 3})
  void optModelsGiveWhatTheKernelsGive(long seed) throws IOException {
    Opt decoder = opt(seed);
    Compared compared = compare(plain(decoder), seed, GraphPrecision.FP32);
    assertThat(compared.whole).as("%s", decoder).isLessThan(5e-5);
    assertThat(compared.continued).as("%s", decoder).isLessThan(5e-5);
    assertThat(compared.pieces).as("%s", decoder).isLessThan(5e-5);
  }

  @ParameterizedTest
  @EnumSource(GraphPrecision.class)
  void narrowNumbersStayNear(GraphPrecision precision) throws IOException {
    for (Decoder decoder : List.of(llama(3), opt(2))) {
      Compared compared = compare(plain(decoder), 3, precision);
      double most =
          switch (precision) {
            case FP32 -> 5e-5;
            case FP16 -> 0.02;
            case INT8 -> 0.5;
          };
      assertThat(compared.whole).as("%s", decoder).isLessThan(most);
      assertThat(compared.continued).as("%s", decoder).isLessThan(most);
      if (precision != GraphPrecision.FP32) {
        assertThat(compared.whole).as("%s", decoder).isGreaterThan(5e-5);
      }
    }
  }

  /// With and without magnitudes.
  @Test
  void adaptersAreMerged() throws IOException {
    for (boolean magnitudes : new boolean[] {false, true}) {
      var settings =
          new AdapterSettings(
              3,
              6,
              List.of("all-linear"),
              false,
              magnitudes,
              Map.of(),
              Map.of(),
              List.of(),
              List.of(),
              0);
      AdaptedDecoder adapted = settings.resolve(llama(2));
      Compared compared = compare(adapted, 4, GraphPrecision.FP32);
      assertThat(compared.whole).isLessThan(5e-5);
      assertThat(compared.continued).isLessThan(5e-5);
    }
  }

  /// Largest differences of logits from the kernels'.
  ///
  /// @param pieces of the last token of prompts that are read a column at a time
  private record Compared(double whole, double continued, double pieces) {}

  private static AdaptedDecoder plain(Decoder decoder) {
    return new AdaptedDecoder(decoder, List.of());
  }

  private Compared compare(AdaptedDecoder adapted, long seed, GraphPrecision precision)
      throws IOException {
    List<ParameterSet.Spec> specs = adapted.specs();
    try (ParameterSet parameters =
        ParameterSet.allocate(RecordedDecoder.ENGINE, specs, DType.FLOAT32)) {
      RandomStream stream = new RandomKey(seed).stream(RandomKey.Purpose.INITIALISATION, 0, 0);
      for (ParameterSet.Spec spec : specs) {
        boolean norm = spec.name().endsWith("norm.weight");
        parameters.fill(spec.name(), () -> (norm ? 1 : 0) + 0.3 * stream.nextGaussian());
      }
      var writer = new SafetensorsWriter(Map.of());
      for (Parameter parameter : parameters.all()) {
        writer.add(
            parameter.name(), TensorData.of(parameter.data().toFloats(), parameter.data().shape()));
      }
      Path file = folder.resolve("model.safetensors");
      writer.write(file);
      try (StoredTensors stored = StoredTensors.open(file)) {
        StoredTensors weights =
            adapted.trained().isEmpty() ? stored : MergedAdapters.of(stored, adapted, parameters);
        OnnxModel model =
            new DecoderGraph(adapted.decoder(), weights, Opset.DEFAULT, precision)
                .merged(DecoderGraph.Entry.IDS);
        return compare(adapted.decoder(), parameters, model, seed);
      }
    }
  }

  private Compared compare(Decoder decoder, ParameterSet parameters, OnnxModel model, long seed)
      throws IOException {
    RandomStream draw = new RandomKey(seed).stream(RandomKey.Purpose.INITIALISATION, 3, 0);
    int width = draw.nextInt(3, 12);
    int[] lengths = {width, draw.nextInt(2, width + 1), draw.nextInt(1, width + 1)};
    int rows = lengths.length;
    long[] ids =
        LongStream.range(0, (long) rows * width)
            .map(_ -> draw.nextInt(0, decoder.spec().vocabulary()))
            .toArray();
    long[] mask = new long[ids.length];
    for (int row = 0; row < rows; row++) {
      Arrays.fill(mask, (row + 1) * width - lengths[row], (row + 1) * width, 1);
    }
    float[] wanted = kernels(decoder, parameters, ids, width, lengths);
    Path file = folder.resolve("model.onnx");
    AtomicFile.write(file, model.file());
    try (GraphSession session = GraphSession.open(file, 2)) {
      Map<String, TensorData> past = GraphSequences.nothing(decoder, rows);
      int cut = draw.nextInt(1, width);
      Map<String, TensorData> first = run(session, past, ids, mask, width, 0, cut);
      Map<String, TensorData> second =
          run(session, GraphSequences.before(first), ids, mask, width, cut, width);
      Map<String, TensorData> whole = run(session, past, ids, mask, width, 0, width);
      return new Compared(
          difference(Objects.requireNonNull(whole.get("logits")), wanted, mask, width, 0),
          Math.max(
              difference(Objects.requireNonNull(first.get("logits")), wanted, mask, width, 0),
              difference(Objects.requireNonNull(second.get("logits")), wanted, mask, width, cut)),
          pieces(decoder, session, ids, lengths, wanted));
    }
  }

  private static double pieces(
      Decoder decoder, GraphSession session, long[] ids, int[] lengths, float[] wanted)
      throws IOException {
    int rows = lengths.length;
    int width = ids.length / rows;
    int vocabulary = decoder.spec().vocabulary();
    List<int[]> prompts =
        IntStream.range(0, rows)
            .mapToObj(
                row ->
                    LongStream.range((row + 1L) * width - lengths[row], (row + 1L) * width)
                        .mapToInt(i -> (int) ids[(int) i])
                        .toArray())
            .toList();
    double most = 0;
    try (var read =
        GraphSequences.ofIds(RecordedDecoder.ENGINE, decoder, session, prompts, 0, vocabulary)) {
      float[] scores = read.scores().toFloats();
      for (int i = 0; i < scores.length; i++) {
        int last = (i / vocabulary + 1) * width - 1;
        double difference =
            Math.abs((double) scores[i] - wanted[last * vocabulary + i % vocabulary]);
        most = Double.isNaN(difference) ? Double.NaN : Math.max(most, difference);
      }
    }
    return most;
  }

  private static Map<String, TensorData> run(
      GraphSession session,
      Map<String, TensorData> past,
      long[] ids,
      long[] mask,
      int width,
      int from,
      int to)
      throws IOException {
    int rows = ids.length / width;
    Map<String, TensorData> inputs = new HashMap<>(past);
    inputs.put("input_ids", columns(ids, width, from, to));
    inputs.put("attention_mask", columns(mask, width, 0, to));
    inputs.put(
        "position_ids", columns(GraphSequences.positions(mask, rows).longs(), width, from, to));
    return session.run(inputs);
  }

  private static TensorData columns(long[] all, int width, int from, int to) {
    long[] some =
        IntStream.range(0, all.length)
            .filter(i -> i % width >= from && i % width < to)
            .mapToLong(i -> all[i])
            .toArray();
    return TensorData.of(some, all.length / width, to - from);
  }

  /// Of the tokens that are no padding.
  private static double difference(
      TensorData found, float[] wanted, long[] mask, int width, int from) {
    int vocabulary = wanted.length / mask.length;
    int columns = found.shape().get(1).intValue();
    float[] logits = found.floats();
    double most = 0;
    for (int i = 0; i < logits.length; i++) {
      int token = i / vocabulary;
      int at = token / columns * width + from + token % columns;
      if (mask[at] == 1) {
        double difference = Math.abs((double) logits[i] - wanted[at * vocabulary + i % vocabulary]);
        most = Double.isNaN(difference) ? Double.NaN : Math.max(most, difference);
      }
    }
    return most;
  }

  private static float[] kernels(
      Decoder decoder, ParameterSet parameters, long[] ids, int width, int[] lengths) {
    try (var graph = new Forward(RecordedDecoder.ENGINE);
        Tensor all = RecordedDecoder.ENGINE.of(ids, lengths.length, width);
        Tensor places =
            RecordedDecoder.ENGINE.of(LongStream.range(0, ids.length).toArray(), ids.length)) {
      var pass = new Pass(graph, parameters, BlockExecution.PLAIN);
      Value states =
          decoder.through(pass, decoder.embed(pass, all), Columns.endingTogether(width, lengths));
      Value rows = decoder.normed(pass, decoder.rows(pass, states, places));
      return decoder.logits(pass, rows).data().toFloats();
    }
  }
}
