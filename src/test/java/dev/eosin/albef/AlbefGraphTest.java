package dev.eosin.albef;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.checkpoint.SafetensorsWriter;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.file.AtomicFile;
import dev.eosin.language.TokenMask;
import dev.eosin.language.rows.CaptionRows;
import dev.eosin.nn.Activation;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Pass;
import dev.eosin.nn.Weight;
import dev.eosin.onnx.GraphCase;
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
import dev.eosin.tower.Vit;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// An ALBEF as graphs against the kernels, on sizes that are drawn: what it draws of images and of
/// texts of unlike lengths, and how it judges pairs.
class AlbefGraphTest {
  private static final int ROWS = 3;
  private static final int WORDS = 5;
  private static final int VOCABULARY = 23;
  private static final double TOLERANCE = 5e-5;

  @TempDir private Path folder;

  private static Albef drawn(long seed) {
    RandomStream draw = new RandomKey(seed).stream(RandomKey.Purpose.INITIALISATION, 2, 0);
    int towerHeads = draw.nextInt(1, 4);
    int patch = draw.nextInt(2, 5);
    int side = patch * draw.nextInt(1, 4);
    int width = towerHeads * draw.nextInt(2, 7);
    Vit vit =
        new Vit(side, side, patch, width, draw.nextInt(1, 4), towerHeads, draw.nextInt(5, 30));
    int heads = draw.nextInt(1, 5);
    var text =
        new TextSpec(
            draw.nextInt(1, 5),
            heads * draw.nextInt(2, 9),
            heads,
            draw.nextInt(5, 40),
            width,
            VOCABULARY,
            12,
            1e-12);
    return Albef.of(vit, Activation.QUICK_GELU, text, draw.nextInt(2, 12), 0.07, VOCABULARY - 1);
  }

  private static ParameterSet parameters(Albef model, long seed) {
    List<ParameterSet.Spec> specs =
        model.trainedWeights().stream().map((Weight weight) -> weight.spec(false)).toList();
    ParameterSet parameters = ParameterSet.allocate(RecordedAlbef.ENGINE, specs, DType.FLOAT32);
    RandomStream stream = new RandomKey(seed).stream(RandomKey.Purpose.INITIALISATION, 0, 0);
    for (ParameterSet.Spec spec : specs) {
      boolean norm = spec.name().endsWith("norm.weight");
      parameters.fill(spec.name(), () -> (norm ? 1 : 0) + 0.3 * stream.nextGaussian());
    }
    return parameters;
  }

  private TensorData graph(OnnxModel model, Map<String, TensorData> inputs, String output)
      throws IOException {
    Path file = folder.resolve("model.onnx");
    AtomicFile.write(file, model.file());
    try (GraphSession session = GraphSession.open(file, 2)) {
      return Objects.requireNonNull(session.run(inputs).get(output));
    }
  }

  private static TensorData kernels(ParameterSet parameters, Function<Pass, Value> computed) {
    try (var graph = new Forward(RecordedAlbef.ENGINE)) {
      Tensor found = computed.apply(new Pass(graph, parameters, BlockExecution.PLAIN)).data();
      return TensorData.of(found.toFloats(), found.shape());
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2, 3, 4, 5})
  void theyGiveWhatTheKernelsGive(long seed) throws IOException {
    Albef model = drawn(seed);
    int side = model.trained().images().vit().height();
    TensorData pixels = GraphCase.normal(seed + 9, 1, ROWS, 3, side, side);
    long[] ids = LongStream.range(0, ROWS * WORDS).map(i -> (i * 7 + seed) % VOCABULARY).toArray();
    long[] mask = new long[ids.length];
    Arrays.fill(mask, 1);
    Arrays.fill(mask, WORDS - 2, WORDS, 0);
    var captions = new CaptionRows(ids, new TokenMask(ROWS, WORDS, mask));
    Map<String, TensorData> texts =
        Map.of(
            "input_ids", TensorData.of(ids, ROWS, WORDS),
            "attention_mask", TensorData.of(mask, ROWS, WORDS));
    Map<String, TensorData> images = Map.of("pixel_values", pixels);
    Map<String, TensorData> both =
        Map.of(
            "pixel_values", pixels,
            "input_ids", TensorData.of(ids, ROWS, WORDS),
            "attention_mask", TensorData.of(mask, ROWS, WORDS));
    try (ParameterSet parameters = parameters(model, seed);
        Tensor input = RecordedAlbef.ENGINE.of(pixels.floats(), pixels.dimensions())) {
      var writer = new SafetensorsWriter(Map.of());
      for (Parameter each : parameters.all()) {
        writer.add(each.name(), TensorData.of(each.data().toFloats(), each.data().shape()));
      }
      Path file = folder.resolve("model.safetensors");
      writer.write(file);
      try (StoredTensors weights = StoredTensors.open(file)) {
        var graphs = new AlbefGraph(model, weights, Opset.DEFAULT, GraphPrecision.FP32);
        PairEncoder trained = model.trained();
        assertThat(
                GraphCase.difference(
                    graph(graphs.image(), images, "image_embeds"),
                    kernels(parameters, pass -> trained.imageFeatures(pass, input))))
            .as("%s", model)
            .isLessThan(TOLERANCE);
        assertThat(
                GraphCase.difference(
                    graph(graphs.text(), texts, "text_embeds"),
                    kernels(parameters, pass -> trained.textFeatures(pass, captions))))
            .as("%s", model)
            .isLessThan(TOLERANCE);
        assertThat(
                GraphCase.difference(
                    graph(graphs.match(), both, "match_logits"),
                    kernels(
                        parameters,
                        pass -> {
                          Value states = trained.images().states(pass, input);
                          List<Value> seen = trained.texts().image(pass, states);
                          return model.judged(pass, seen, captions);
                        })))
            .as("%s", model)
            .isLessThan(TOLERANCE);
      }
    }
  }
}
