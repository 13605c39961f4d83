package dev.eosin.vllm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.ParityCase;
import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorRule;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Pass;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tape;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// PA-LLaVA's connector against recorded numbers: every layer, the output, and all gradients.
@Tag("parity")
class PaConnectorParityTest {
  private static final double TOLERANCE = 1e-4;
  private static final Engine ENGINE = RecordedVisionLanguage.ENGINE;

  private final ParityCase parity = ParityCase.open("pa-connector");

  private TileConnector connector() throws IOException {
    return connector(parity);
  }

  /// As a case's configuration has it.
  static TileConnector connector(ParityCase parity) throws IOException {
    JsonNode json = new ObjectMapper().readTree(parity.file("config.json").toFile());
    return new TileConnector(
        "connector",
        json.required("hidden_size").asInt(),
        json.required("num_hidden_layers").asInt(),
        json.required("num_attention_heads").asInt(),
        json.required("intermediate_size").asInt(),
        json.required("llm_hidden_size").asInt());
  }

  private StoredTensors file(String name) throws IOException {
    return StoredTensors.open(parity.file(name + ".safetensors"));
  }

  private ParameterSet parameters(TileConnector connector) throws IOException {
    List<Weight> weights = connector.weights();
    ParameterSet parameters =
        ParameterSet.allocate(
            ENGINE, weights.stream().map(weight -> weight.spec(true)).toList(), DType.FLOAT32);
    try (StoredTensors file = file("model")) {
      Layout found = VisionLanguageNames.projector(connector, file);
      assertThat(found.rules()).isEqualTo(VisionLanguageNames.paLlava(connector).rules());
      StoredTensors own = found.read(file, RecordedVisionLanguage.shapes(weights));
      RecordedVisionLanguage.assign(parameters, own, weights);
    }
    return parameters;
  }

  private static Tensor tensor(StoredTensors file, String name) throws IOException {
    long[] shape = file.header(name).shape().stream().mapToLong(Long::longValue).toArray();
    return ENGINE.of(file.floats(name), shape);
  }

  /// The recorded tiles are padded already, with large numbers.
  private static TileConnector.Tiles tiles(Tape tape, StoredTensors inputs, Value features)
      throws IOException {
    List<Long> shape = inputs.header("tile_features").shape();
    long[] counts = inputs.longs("tile_count");
    try (Tensor each = ENGINE.of(counts, counts.length)) {
      int most = shape.get(1).intValue();
      Tensor real = ENGINE.kernels().one("real_tiles", each, most, shape.get(2).intValue());
      return new TileConnector.Tiles(features, tape.adopt(real));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void layersOutputAndGradientsAreTheRecordedOnes(int recomputed) throws IOException {
    TileConnector connector = connector();
    try (ParameterSet parameters = parameters(connector);
        StoredTensors inputs = file("inputs");
        StoredTensors expected = file("expected");
        Tape tape = new Tape(ENGINE);
        Tensor queries = tensor(inputs, "query_features");
        Tensor all = tensor(inputs, "tile_features")) {
      List<Long> shape = inputs.header("tile_features").shape();
      Pass pass = new Pass(tape, parameters, new BlockExecution(false, false, recomputed));
      Value asking = tape.leaf(queries);
      Value beside;
      try (Tensor flat =
          ENGINE.of(all.toFloats(), shape.get(0), shape.get(1) * shape.get(2), shape.get(3))) {
        beside = tape.leaf(flat);
      }
      TileConnector.Tiles tiles = tiles(tape, inputs, beside);
      List<Value> states = connector.states(pass, asking, tiles);
      assertClose(expected, "embedded", states.getFirst().data().toFloats(), TOLERANCE);
      for (int i = 1; i < states.size(); i++) {
        float[] state = states.get(i).data().toFloats();
        assertClose(expected, "layer." + (i - 1), state, TOLERANCE);
      }
      Value output = connector.of(pass, asking, tiles);
      assertClose(expected, "output", output.data().toFloats(), TOLERANCE);
      Map<String, float[]> gradients = new HashMap<>();
      tape.backward(
          List.of(output),
          List.of(tensor(inputs, "grad_weight")),
          (trained, tensors) -> {
            for (int i = 0; i < tensors.size(); i++) {
              gradients.put(trained.get(i).name(), tensors.get(i).toFloats());
              tensors.get(i).close();
            }
          });
      assertGradients(connector, gradients, expected);
      try (Tensor first = tape.takeGradient(asking);
          Tensor second = tape.takeGradient(beside)) {
        assertRelative(expected, "grad.query_features", first.toFloats());
        assertRelative(expected, "grad.tile_features", second.toFloats());
        assertNothingReachesPadding(inputs, second.toFloats());
      }
    }
  }

  private static void assertGradients(
      TileConnector connector, Map<String, float[]> gradients, StoredTensors expected)
      throws IOException {
    List<TensorRule> rules = VisionLanguageNames.paLlava(connector).rules();
    assertThat(gradients).hasSize(rules.size());
    for (TensorRule rule : rules) {
      float[] ours = Objects.requireNonNull(gradients.get(rule.name()));
      int from = 0;
      for (String foreign : rule.foreignNames()) {
        int length = expected.floats("grad." + foreign).length;
        assertRelative(expected, "grad." + foreign, Arrays.copyOfRange(ours, from, from + length));
        from += length;
      }
      assertThat(from).isEqualTo(ours.length);
    }
  }

  private static void assertNothingReachesPadding(StoredTensors inputs, float[] gradient)
      throws IOException {
    List<Long> shape = inputs.header("tile_features").shape();
    int ofTile = Math.toIntExact(shape.get(2) * shape.get(3));
    int ofImage = Math.toIntExact(shape.get(1) * ofTile);
    long[] counts = inputs.longs("tile_count");
    for (int i = 0; i < gradient.length; i++) {
      if (i % ofImage / ofTile >= counts[i / ofImage]) {
        assertThat(gradient[i]).isZero();
      }
    }
  }

  /// PA-LLaVA's own mask counts the whole image as a tile.
  @Test
  void theMaskIsNotOffByOne() throws IOException {
    try (StoredTensors expected = file("expected")) {
      float[] right = expected.floats("output");
      float[] wrong = expected.floats("output_with_the_off_by_one_mask");
      double largest = 0;
      for (int i = 0; i < right.length; i++) {
        largest = Math.max(largest, Math.abs(right[i] - wrong[i]));
      }
      assertThat(largest).isGreaterThan(10 * TOLERANCE);
    }
  }

  /// Tiles that are not padded yet, image after image, give the same.
  @Test
  void raggedTilesArePaddedAndMasked() throws IOException {
    TileConnector connector = connector();
    try (ParameterSet parameters = parameters(connector);
        StoredTensors inputs = file("inputs");
        StoredTensors expected = file("expected");
        Tape tape = new Tape(ENGINE);
        Tensor queries = tensor(inputs, "query_features")) {
      List<Long> shape = inputs.header("tile_features").shape();
      int ofTile = Math.toIntExact(shape.get(2) * shape.get(3));
      float[] padded = inputs.floats("tile_features");
      int[] counts = Arrays.stream(inputs.longs("tile_count")).mapToInt(Math::toIntExact).toArray();
      int total = Arrays.stream(counts).sum();
      float[] ragged = new float[total * ofTile];
      int to = 0;
      for (int image = 0; image < counts.length; image++) {
        int from = image * Math.toIntExact(shape.get(1)) * ofTile;
        System.arraycopy(padded, from, ragged, to, counts[image] * ofTile);
        to += counts[image] * ofTile;
      }
      Pass pass = new Pass(tape, parameters, BlockExecution.PLAIN);
      Value each = tape.adopt(ENGINE.of(ragged, total, shape.get(2), shape.get(3)));
      TileConnector.Tiles tiles = connector.tiles(pass, each, counts);
      Value output = connector.of(pass, tape.constant(queries), tiles);
      assertClose(expected, "output", output.data().toFloats(), TOLERANCE);
    }
  }

  @Test
  void thePublishedConnectorHasItsWeights() {
    TileConnector published = TileConnector.published("connector", 768, 4096);
    assertThat(published.heads()).isEqualTo(12);
    long count =
        published.weights().stream()
            .mapToLong(weight -> Arrays.stream(weight.shape()).reduce(1, Math::multiplyExact))
            .sum();
    assertThat(count).isEqualTo(59_862_016);
  }

  private static void assertClose(
      StoredTensors expected, String name, float[] ours, double tolerance) throws IOException {
    LlavaParityTest.assertClose(expected, name, ours, tolerance);
  }

  private static void assertRelative(StoredTensors expected, String name, float[] ours)
      throws IOException {
    double largest = 1;
    for (float value : expected.floats(name)) {
      largest = Math.max(largest, Math.abs(value));
    }
    assertClose(expected, name, ours, TOLERANCE * largest);
  }
}
