package dev.eosin.vllm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.checkpoint.SafetensorsWriter;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.features.ImageFeatures;
import dev.eosin.file.AtomicFile;
import dev.eosin.language.Llama;
import dev.eosin.language.spec.LlamaSpec;
import dev.eosin.language.spec.Rotary;
import dev.eosin.nn.Activation;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Pass;
import dev.eosin.onnx.GraphCase;
import dev.eosin.onnx.GraphPrecision;
import dev.eosin.onnx.Opset;
import dev.eosin.onnx.runtime.GraphSession;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import dev.eosin.tower.ImageTower;
import dev.eosin.tower.Vit;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What a model's graph sees of images against the kernels, on sizes that are drawn: projectors of
/// some linears behind any layer, and the connector of tiles, of which images have unlike numbers.
class VisionLanguageGraphTest {
  @TempDir private Path folder;

  private static VisionLanguage model(long seed, boolean tiled) {
    RandomStream draw = new RandomKey(seed).stream(RandomKey.Purpose.INITIALISATION, 2, 0);
    int heads = draw.nextInt(1, 4);
    int patch = draw.nextInt(2, 5);
    int side = patch * draw.nextInt(1, 4);
    int layers = draw.nextInt(2, 4);
    Vit vit =
        new Vit(side, side, patch, heads * draw.nextInt(2, 7), layers, heads, draw.nextInt(5, 30));
    ImageTower tower = ImageTower.of("image", vit, 7, Activation.QUICK_GELU);
    int layer = draw.nextInt(-layers, 0);
    var features = new ImageFeatures(tower, layer, draw.nextInt(0, 2) == 0);
    int width = 2 * draw.nextInt(2, 9);
    var spec =
        new LlamaSpec(
            20,
            width,
            1,
            1,
            1,
            4,
            8,
            false,
            false,
            OptionalInt.empty(),
            1e-5,
            new Rotary(10_000, new Rotary.Scaling.None()),
            64);
    Projector projector =
        tiled
            ? new TileConnector("projector", vit.hiddenSize(), draw.nextInt(1, 4), heads, 13, width)
            : new LinearProjector("projector", vit.hiddenSize(), width, draw.nextInt(1, 4));
    return new VisionLanguage(features, projector, Llama.of("decoder", spec));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2, 3, 4, 5})
  void projectedFeaturesAreTheKernels(long seed) throws IOException {
    VisionLanguage model = model(seed, false);
    assertThat(compare(model, seed, GraphPrecision.FP32)).as("%s", model).isLessThan(5e-5);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2, 3, 4, 5})
  void connectedTilesAreTheKernels(long seed) throws IOException {
    VisionLanguage model = model(seed, true);
    assertThat(compare(model, seed, GraphPrecision.FP32)).as("%s", model).isLessThan(5e-5);
  }

  @ParameterizedTest
  @EnumSource(GraphPrecision.class)
  void narrowNumbersStayNear(GraphPrecision precision) throws IOException {
    for (boolean tiled : new boolean[] {false, true}) {
      double most =
          switch (precision) {
            case FP32 -> 5e-5;
            case FP16 -> 0.02;
            case INT8 -> 0.5;
          };
      double found = compare(model(2, tiled), 2, precision);
      assertThat(found).isLessThan(most);
      if (precision != GraphPrecision.FP32) {
        assertThat(found).isGreaterThan(5e-5);
      }
    }
  }

  private double compare(VisionLanguage model, long seed, GraphPrecision precision)
      throws IOException {
    List<ParameterSet.Spec> specs =
        model.weights().stream().map(weight -> weight.spec(false)).toList();
    int[] counts = {1, 3, 2};
    int most = 3;
    int side = model.images().tower().spec().height();
    TensorData whole = GraphCase.normal(seed, 1, counts.length, 3, side, side);
    TensorData tiles = GraphCase.normal(seed + 100, 1, counts.length, most, 3, side, side);
    try (ParameterSet parameters =
        ParameterSet.allocate(RecordedVisionLanguage.ENGINE, specs, DType.FLOAT32)) {
      RandomStream stream = new RandomKey(seed).stream(RandomKey.Purpose.INITIALISATION, 0, 0);
      var writer = new SafetensorsWriter(Map.of());
      for (ParameterSet.Spec spec : specs) {
        boolean norm = spec.name().endsWith("norm.weight");
        parameters.fill(spec.name(), () -> (norm ? 1 : 0) + 0.3 * stream.nextGaussian());
      }
      for (Parameter parameter : parameters.all()) {
        writer.add(
            parameter.name(), TensorData.of(parameter.data().toFloats(), parameter.data().shape()));
      }
      Path file = folder.resolve("model.safetensors");
      writer.write(file);
      try (StoredTensors weights = StoredTensors.open(file)) {
        Path graph = folder.resolve("model.onnx");
        AtomicFile.write(
            graph,
            new VisionLanguageGraph(model, weights, Opset.DEFAULT, precision)
                .visionEncoder()
                .file());
        Map<String, TensorData> inputs = new HashMap<>(Map.of("pixel_values", whole));
        if (model.projector() instanceof TileConnector) {
          inputs.put("tile_pixel_values", tiles);
          inputs.put(
              "tile_counts",
              TensorData.of(Arrays.stream(counts).asLongStream().toArray(), counts.length));
        }
        try (GraphSession session = GraphSession.open(graph, 2)) {
          return GraphCase.difference(
              Objects.requireNonNull(session.run(inputs).get("image_features")),
              kernels(model, parameters, whole, tiles, counts));
        }
      }
    }
  }

  private static TensorData kernels(
      VisionLanguage model,
      ParameterSet parameters,
      TensorData whole,
      TensorData tiles,
      int[] counts) {
    var engine = RecordedVisionLanguage.ENGINE;
    long[] shape = whole.dimensions();
    int each = Math.toIntExact(3 * shape[2] * shape[3]);
    int most = tiles.shape().get(1).intValue();
    float[] padded = tiles.floats();
    float[] ragged = new float[Arrays.stream(counts).sum() * each];
    int next = 0;
    for (int image = 0; image < counts.length; image++) {
      System.arraycopy(padded, image * most * each, ragged, next, counts[image] * each);
      next += counts[image] * each;
    }
    try (var graph = new Forward(engine);
        Tensor pixels = engine.of(whole.floats(), shape);
        Tensor beside = engine.of(ragged, ragged.length / each, 3, shape[2], shape[3])) {
      var pass = new Pass(graph, parameters, BlockExecution.PLAIN);
      Pictures pictures =
          model.projector() instanceof TileConnector
              ? new Pictures.Tiled(pixels, beside, counts)
              : new Pictures.Whole(pixels);
      Tensor seen = model.seen(pass, pictures).data();
      return TensorData.of(seen.toFloats(), seen.shape());
    }
  }
}
