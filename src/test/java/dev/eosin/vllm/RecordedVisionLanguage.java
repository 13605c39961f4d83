package dev.eosin.vllm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.ParityCase;
import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorRule;
import dev.eosin.features.ImageFeatures;
import dev.eosin.language.Decoder;
import dev.eosin.language.Llama;
import dev.eosin.language.spec.LanguageConfig;
import dev.eosin.language.spec.LlamaSpec;
import dev.eosin.nn.Activation;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Pass;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Graph;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import dev.eosin.tower.ImageTower;
import dev.eosin.tower.Vit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// A recorded LLaVA model with its weights.
///
/// @param imageId stands for an image's tokens
record RecordedVisionLanguage(
    VisionLanguage model, ParameterSet parameters, LanguageConfig language, int imageId)
    implements AutoCloseable {
  static final Engine ENGINE = Engine.start(Device.CPU, 2);

  /// The model of a case as its `config.json` describes it.
  static VisionLanguage described(ParityCase parity) throws IOException {
    JsonNode json = json(parity);
    JsonNode vision = json.required("vision_config");
    int size = vision.required("image_size").asInt();
    Vit vit =
        new Vit(
            size,
            size,
            vision.required("patch_size").asInt(),
            vision.required("hidden_size").asInt(),
            vision.required("num_hidden_layers").asInt(),
            vision.required("num_attention_heads").asInt(),
            vision.required("intermediate_size").asInt());
    Activation activation =
        vision.required("hidden_act").asText().equals("quick_gelu")
            ? Activation.QUICK_GELU
            : Activation.GELU;
    ImageTower tower =
        ImageTower.of("image", vit, vision.required("projection_dim").asInt(), activation);
    boolean whole = json.required("vision_feature_select_strategy").asText().equals("full");
    Decoder decoder = Llama.of("decoder", (LlamaSpec) language(json).spec());
    return new VisionLanguage(
        new ImageFeatures(tower, json.required("vision_feature_layer").asInt(), whole),
        new LinearProjector("projector", vit.hiddenSize(), decoder.spec().width(), 2),
        decoder);
  }

  private static JsonNode json(ParityCase parity) throws IOException {
    return new ObjectMapper().readTree(parity.file("config.json").toFile());
  }

  private static LanguageConfig language(JsonNode json) throws IOException {
    Path file = Files.createTempFile("text-config", ".json");
    try {
      Files.writeString(file, json.required("text_config").toString());
      return LanguageConfig.read(file);
    } finally {
      Files.delete(file);
    }
  }

  /// @param change of the model, such as adapters
  /// @param trained which weights are
  static RecordedVisionLanguage open(
      ParityCase parity, Function<Decoder, Decoder> change, Predicate<String> trained)
      throws IOException {
    VisionLanguage base = described(parity);
    VisionLanguage model = base.with(change.apply(base.decoder()));
    List<ParameterSet.Spec> specs = new ArrayList<>();
    model.weights().forEach(weight -> specs.add(weight.spec(trained.test(weight.name()))));
    model.decoder().adapterWeights().forEach(weight -> specs.add(weight.spec(true)));
    ParameterSet parameters = ParameterSet.allocate(ENGINE, specs, DType.FLOAT32);
    try (StoredTensors file = StoredTensors.open(parity.file("model.safetensors"))) {
      Layout layout = VisionLanguageNames.of(model, VisionLanguageNames.form(file));
      assign(parameters, layout.read(file, shapes(model.weights())), model.weights());
    }
    JsonNode json = json(parity);
    return new RecordedVisionLanguage(
        model, parameters, language(json), json.required("image_token_index").asInt());
  }

  static void assign(ParameterSet parameters, StoredTensors own, List<Weight> weights)
      throws IOException {
    for (Weight weight : weights) {
      try (Tensor values = ENGINE.of(own.floats(weight.name()), weight.shape())) {
        parameters.assign(weight.name(), values);
      }
    }
  }

  static Map<String, List<Long>> shapes(List<Weight> weights) {
    return weights.stream()
        .collect(
            Collectors.toMap(
                Weight::name, weight -> Arrays.stream(weight.shape()).boxed().toList()));
  }

  /// Names in memory of the recorded gradients, by Eosin's.
  Layout inMemory() {
    return VisionLanguageNames.of(model, VisionLanguageNames.Form.MEMORY);
  }

  Map<String, String> foreignNames() {
    Map<String, String> names = new HashMap<>();
    for (TensorRule rule : inMemory().rules()) {
      names.put(rule.name(), rule.foreignNames().getFirst());
    }
    return names;
  }

  Pass pass(Graph graph) {
    return new Pass(graph, parameters, new BlockExecution(false, true, 0));
  }

  @Override
  public void close() {
    parameters.close();
  }
}
