package dev.eosin.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.ParityCase;
import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.config.DataException;
import dev.eosin.random.RandomKey;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.KernelListener;
import dev.eosin.tensor.MatrixProducts;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tape;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Adapted blocks against torch's autograd through W + (alpha / r) B A.
@Tag("parity")
class LowRankParityTest {
  private static final Map<MatrixProducts, Engine> ENGINES = engines();
  private static final double TOLERANCE = 1e-5;

  private static Map<MatrixProducts, Engine> engines() {
    var engines = new HashMap<MatrixProducts, Engine>();
    for (MatrixProducts products : List.of(MatrixProducts.LIBTORCH, MatrixProducts.ONEDNN)) {
      engines.put(products, Engine.start(Device.CPU, 2, products, KernelListener.NONE));
    }
    return engines;
  }

  @ParameterizedTest
  @CsvSource({
    "both, false, true, 0, false",
    "both, true, false, 0, false",
    "both, true, false, 1, false",
    "attention, false, false, 0, false",
    "mlp, true, true, 1, false",
    "both, true, true, 0, true",
    "both, true, true, 1, true",
    "attention, false, false, 0, true",
    "mlp, false, true, 0, true"
  })
  void outputsAndGradientsAreThoseOfTheMergedWeights(
      String targets, boolean causal, boolean quick, int recomputeEvery, boolean drops)
      throws IOException {
    ParityCase files = ParityCase.open("lora-clip");
    JsonNode config = new ObjectMapper().readTree(files.file("config.json").toFile());
    LowRank lowRank;
    Transformer blocks;
    try (SafetensorsFile inputs = SafetensorsFile.open(files.file("inputs.safetensors"))) {
      lowRank = lowRank(inputs, config, targets, drops);
      blocks = blocks(inputs, config, causal, quick);
    }
    var dropout =
        new AdapterDropout(
            new RandomKey(config.get("seed").longValue()),
            config.get("positions").valueStream().mapToLong(JsonNode::longValue).toArray());
    String prefix =
        "%s-%s-%s%s/"
            .formatted(
                targets,
                causal ? "causal" : "full",
                quick ? "quick" : "gelu",
                drops ? "-dropped" : "");
    for (boolean ownBackward : new boolean[] {true, false}) {
      var execution =
          new BlockExecution(true, ownBackward, recomputeEvery)
              .adapted(Map.of("image", lowRank))
              .dropping(Optional.of(dropout));
      for (Engine engine : ENGINES.values()) {
        check(engine, blocks, lowRank, execution, files, prefix);
      }
    }
  }

  private static LowRank lowRank(
      SafetensorsFile inputs, JsonNode config, String targets, boolean drops) throws DataException {
    return new LowRank(
        inputs.entry("0.mlp.up.lora-a").shape().get(0).intValue(),
        config.get("alpha").doubleValue(),
        !targets.equals("mlp"),
        !targets.equals("attention"),
        drops ? config.get("dropout").doubleValue() : 0);
  }

  private static Transformer blocks(
      SafetensorsFile inputs, JsonNode config, boolean causal, boolean quick) throws DataException {
    String up = ".mlp.up.weight";
    return new Transformer(
        "image",
        (int) inputs.names().stream().filter(name -> name.endsWith(up)).count(),
        inputs.entry("tokens").shape().get(2).intValue(),
        config.get("heads").intValue(),
        inputs.entry("0" + up).shape().get(0).intValue(),
        causal,
        quick ? Activation.QUICK_GELU : Activation.GELU,
        BlockStyle.CLIP);
  }

  private static void check(
      Engine engine,
      Transformer blocks,
      LowRank lowRank,
      BlockExecution execution,
      ParityCase files,
      String prefix)
      throws DataException {
    try (SafetensorsFile inputs = SafetensorsFile.open(files.file("inputs.safetensors"));
        SafetensorsFile expected = SafetensorsFile.open(files.file("expected.safetensors"));
        ParameterSet parameters = parameters(engine, blocks, lowRank, inputs);
        Tensor tokens = tensor(engine, inputs, "tokens")) {
      Map<String, float[]> gradients = new HashMap<>();
      try (Tape tape = new Tape(engine)) {
        Value last =
            blocks
                .hiddenStates(new Pass(tape, parameters, execution), tape.constant(tokens))
                .getLast();
        check(prefix + "tokens", last.data().toFloats(), expected);
        tape.backward(
            List.of(last),
            List.of(tensor(engine, inputs, "gradient")),
            (ready, values) -> {
              for (int i = 0; i < ready.size(); i++) {
                gradients.put(ready.get(i).name(), values.get(i).toFloats());
                values.get(i).close();
              }
            });
      }
      List<String> adapters = blocks.adapters(lowRank).stream().map(Weight::name).toList();
      assertThat(gradients.keySet()).containsExactlyInAnyOrderElementsOf(adapters);
      for (String name : adapters) {
        String recorded = name.replace("image.blocks.", prefix);
        check(recorded, gradients.getOrDefault(name, new float[0]), expected);
      }
    }
  }

  private static ParameterSet parameters(
      Engine engine, Transformer blocks, LowRank lowRank, SafetensorsFile inputs)
      throws DataException {
    List<ParameterSet.Spec> specs = new ArrayList<>();
    blocks.weights().forEach(weight -> specs.add(weight.spec(false)));
    blocks.adapters(lowRank).forEach(weight -> specs.add(weight.spec(true)));
    ParameterSet parameters = ParameterSet.allocate(engine, specs, DType.FLOAT32);
    for (Parameter parameter : parameters.all()) {
      try (Tensor values = tensor(engine, inputs, parameter.name().replace("image.blocks.", ""))) {
        parameters.assign(parameter.name(), values);
      }
    }
    return parameters;
  }

  private static Tensor tensor(Engine engine, StoredTensors file, String name)
      throws DataException {
    TensorData data = file.entry(name);
    return engine.of(data.floats(), data.dimensions());
  }

  private static void check(String name, float[] found, StoredTensors expected)
      throws DataException {
    float[] wanted = expected.floats(name);
    double size = 1;
    for (float value : wanted) {
      size = Math.max(size, Math.abs(value));
    }
    assertThat(found).as(name).containsExactly(wanted, within((float) (TOLERANCE * size)));
  }
}
