package dev.eosin.vllm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.ParityCase;
import dev.eosin.checkpoint.PendingTensor;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.StoredType;
import dev.eosin.config.DataException;
import dev.eosin.language.TinyLanguage;
import dev.eosin.language.stored.StoredLanguage;
import dev.eosin.nn.Weight;
import dev.eosin.run.models.StoredModels;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.ParameterSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is said of models of images and text and of their parts, and of folders that lack some.
class WhatIsInspectedTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path RECORDED = Path.of("src/test/resources/xtuner");

  @TempDir private Path home;

  private static String said(Path path) throws IOException {
    StoredModels.Inspected found = StoredModels.inspect(path);
    assertThat(JSON.readTree(found.json()).path("needs").asText()).isNotEmpty();
    return String.join("\n", found.lines()).replaceAll(" +", " ");
  }

  @Test
  void modelsOfEitherSpellingAreNamed() throws IOException {
    Path model = TinyVisionLanguage.in(home.resolve("model"));
    assertThat(said(model))
        .contains("as llava-hf's repositories are", "needs nothing", "projector 2 linears");
    Files.delete(model.resolve("tokenizer.json"));
    assertThat(said(model)).contains("needs a tokenizer: there is no tokenizer.json");

    Path own = Files.createDirectory(home.resolve("own"));
    ObjectNode theirs = (ObjectNode) JSON.readTree(model.resolve("config.json").toFile());
    ObjectNode config = ((ObjectNode) theirs.path("text_config")).deepCopy();
    config.put("model_type", "llava_llama").put("mm_vision_tower", "openai/a-tower");
    config.put("mm_projector_type", "mlp2x_gelu").put("mm_vision_select_layer", -2);
    Files.writeString(own.resolve("config.json"), config.toString());
    VisionLanguageFolder folder = VisionLanguageFolder.open(model);
    VisionLanguage parts = folder.model();
    List<String> tower = parts.images().weights().stream().map(Weight::name).toList();
    try (StoredTensors file = folder.weights()) {
      StoredTensors read =
          folder.layout(parts, file).read(file, VisionLanguageFolder.shapes(parts.weights()));
      Map<String, PendingTensor> rest = new LinkedHashMap<>();
      for (Weight weight : parts.weights()) {
        if (!tower.contains(weight.name())) {
          rest.put(weight.name(), PendingTensor.of(read, weight.name(), StoredType.F32));
        }
      }
      VisionLanguageNames.of(parts, VisionLanguageNames.Form.LLAVA)
          .without(tower)
          .writePending(rest, Map.of())
          .write(own.resolve("model.safetensors"));
    }
    assertThat(said(own))
        .contains("LLaVA's own code", "openai/a-tower, elsewhere", "needs its image tower")
        .contains("; a tokenizer: there is no tokenizer.json");
  }

  private static void configure(Path model, Consumer<ObjectNode> change) throws IOException {
    ObjectNode config = (ObjectNode) JSON.readTree(model.resolve("config.json").toFile());
    change.accept(config);
    Files.writeString(model.resolve("config.json"), config.toString());
  }

  @Test
  void weightsThatAreNotThoseOfTheDescriptionAreNamed() throws IOException {
    Path model = TinyVisionLanguage.in(home.resolve("model"));
    assertThat(said(model)).doesNotContain("does not fit");
    configure(
        model,
        config -> {
          ObjectNode text = (ObjectNode) config.path("text_config");
          text.put("num_hidden_layers", text.path("num_hidden_layers").asInt() + 1);
        });
    assertThat(said(model)).contains("does not fit", "missing");
    Path language = TinyLanguage.llama(home.resolve("language"), Optional.empty());
    assertThat(StoredModels.inspect(language).lines())
        .anyMatch(line -> line.matches("model +a language model"))
        .noneMatch(line -> line.contains("does not fit"));
    configure(language, config -> config.put("num_hidden_layers", 3));
    assertThat(StoredModels.inspect(language).lines())
        .anyMatch(line -> line.contains("does not fit"));
  }

  @Test
  void whatIsNotKnownIsShownAsTensors() throws IOException {
    Path model = TinyVisionLanguage.in(home.resolve("model"));
    configure(
        model, config -> ((ObjectNode) config.path("text_config")).put("model_type", "another"));
    StoredModels.Inspected found = StoredModels.inspect(model);
    assertThat(found.tensors()).anyMatch(line -> line.contains("layers.0.self_attn.q_proj.weight"));
    assertThat(found.lines()).last().asString().startsWith("not known").contains("another");
    assertThat(JSON.readTree(found.json()).path("not_known").asText()).contains("another");
  }

  @Test
  void aMissingOptionIsSaidToBeMissing() throws IOException {
    Path model = TinyVisionLanguage.in(home.resolve("model"));
    configure(model, config -> config.remove("vision_config"));
    assertThatThrownBy(() -> VisionLanguageFolder.open(model))
        .hasMessageContaining("the option vision_config is missing, expected");
  }

  @Test
  void partsSayWhatTheyNeed() throws IOException {
    for (String name : List.of("iter_2.pth", "deepspeed.pth")) {
      assertThat(said(RECORDED.resolve(name)))
          .contains("a checkpoint of xtuner: adapters of a language model and a projector")
          .contains("2,368 numbers in 8 tensors", "the adapters' alpha");
    }
    assertThat(said(ParityCase.open("llava-train").file("adapter-trained")))
        .contains("model adapters of peft's", "rank 8, alpha 16.0", "28 tensors")
        .contains("made for the language model of a LLaVA model")
        .contains("needs its base model, which is not named");
    var projector = new LinearProjector("projector", 3, 4, 2);
    Path folder = home.resolve("final");
    try (ParameterSet set =
        ParameterSet.allocate(
            RecordedVisionLanguage.ENGINE,
            projector.weights().stream().map(weight -> weight.spec(true)).toList(),
            DType.FLOAT32)) {
      ProjectorFolder.write(
          folder, projector, set, Map.of(), Map.of("decoder", "a/vicuna", "template", "v1"));
    }
    assertThat(said(folder))
        .contains("as xtuner lays them out", "decoder a/vicuna", "template v1", "adapters none");
    assertThat(said(folder.resolve("projector/model.safetensors")))
        .contains("a projector alone, under model.", "36 numbers in 4 tensors");
  }

  @Test
  void adaptersOfAnotherBaseAndFoldersThatLackPartsAreNamed() throws IOException {
    Path model = TinyVisionLanguage.in(home.resolve("model"));
    Path other = Files.createDirectory(home.resolve("adapter"));
    Path trained = ParityCase.open("llava-train").file("adapter-trained");
    Path weights = trained.resolve("adapter_model.safetensors");
    Files.copy(weights, other.resolve("adapter_model.safetensors"));
    ObjectNode config = (ObjectNode) JSON.readTree(trained.resolve("adapter_config.json").toFile());
    config.put("r", 4).put("base_model_name_or_path", "some/other-13b");
    Files.writeString(other.resolve("adapter_config.json"), config.toString());
    assertRefused(model, Optional.of(other), "it was made for some/other-13b");
    Files.delete(model.resolve("model.safetensors"));
    assertRefused(model, Optional.empty(), "the folder has none of model.safetensors");
  }

  private static void assertRefused(Path model, Optional<Path> adapter, String said) {
    var wanted = new StoredLanguage.Wanted(model, adapter, Optional.empty(), false);
    assertThatThrownBy(() -> StoredVisionLanguage.open(wanted))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(said);
  }
}
