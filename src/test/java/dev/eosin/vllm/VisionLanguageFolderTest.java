package dev.eosin.vllm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.ParityCase;
import dev.eosin.checkpoint.PendingTensor;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.StoredType;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.config.DataException;
import dev.eosin.language.stored.Base;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.MappedTensors;
import dev.eosin.tensor.ParameterSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VisionLanguageFolderTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  @TempDir private Path folder;

  private static Path recorded(String name) {
    return ParityCase.open(name).folder();
  }

  private static ParameterSet loaded(VisionLanguageFolder opened) throws IOException {
    VisionLanguage model = opened.model();
    List<ParameterSet.Spec> specs =
        model.weights().stream().map(weight -> weight.spec(false)).toList();
    ParameterSet set = ParameterSet.allocate(RecordedVisionLanguage.ENGINE, specs, DType.FLOAT32);
    opened.load(set, model, model.weights());
    return set;
  }

  private static VisionLanguageExport.Contents contents(
      VisionLanguageFolder opened, ParameterSet set, int imageId) throws IOException {
    Map<String, PendingTensor> weights = new LinkedHashMap<>();
    for (Weight weight : opened.model().weights()) {
      List<Long> shape = Arrays.stream(weight.shape()).boxed().toList();
      weights.put(
          weight.name(),
          new PendingTensor(
              StoredType.F32, shape, () -> TensorData.of(set.get(weight.name()).data())));
    }
    int size = opened.vision().vit().height();
    return new VisionLanguageExport.Contents(
        opened.model(),
        opened.vision(),
        opened.config().language(),
        imageId,
        ImageProcessing.llava(size, ImageGeometry.PAD),
        weights,
        "float32",
        Map.of());
  }

  private static void assertSame(ParameterSet found, ParameterSet expected, List<Weight> weights) {
    for (Weight weight : weights) {
      assertThat(found.get(weight.name()).data().toFloats())
          .as(weight.name())
          .containsExactly(expected.get(weight.name()).data().toFloats());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"llava", "llava-train"})
  void whatIsWrittenIsReadAgain(String name) throws IOException {
    VisionLanguageFolder opened = VisionLanguageFolder.open(recorded(name));
    opened.check();
    try (ParameterSet set = loaded(opened)) {
      int imageId = opened.config().imageId().orElseThrow();
      var contents = contents(opened, set, imageId);
      List<String> notes =
          VisionLanguageExport.write(folder.resolve("out"), contents, OptionalLong.of(20_000));
      assertThat(notes).singleElement().asString().contains("2 of its 3 blocks");
      VisionLanguageFolder again = VisionLanguageFolder.open(folder.resolve("out"));
      assertThat(folder.resolve("out/model.safetensors.index.json")).exists();
      assertThat(again.config().layer()).isEqualTo(-1);
      assertThat(again.config().imageId()).hasValue(imageId);
      assertThat(again.config().language()).isEqualTo(opened.config().language());
      assertThat(ImageProcessing.in(again.path())).contains(contents.processing());
      try (ParameterSet read = loaded(again)) {
        assertSame(read, set, opened.model().weights());
      }
    }
  }

  @Test
  void idsOfImagesHaveRows() throws IOException {
    VisionLanguageFolder opened = VisionLanguageFolder.open(recorded("llava"));
    int rows = opened.config().language().spec().vocabulary();
    try (ParameterSet set = loaded(opened)) {
      Path out = folder.resolve("out");
      VisionLanguageExport.write(out, contents(opened, set, rows + 3), OptionalLong.empty());
      VisionLanguageFolder again = VisionLanguageFolder.open(out);
      int more = again.config().language().spec().vocabulary();
      assertThat(more).isGreaterThan(rows + 3).isEqualTo(256);
      try (ParameterSet read = loaded(again)) {
        String head = opened.model().decoder().head();
        float[] old = set.get(head).data().toFloats();
        float[] grown = read.get(head).data().toFloats();
        int width = old.length / rows;
        assertThat(List.of(grown.length, grown[old.length - 1]))
            .isEqualTo(List.of(more * width, old[old.length - 1]));
        double mean = 0;
        for (int i = 0; i < rows; i++) {
          mean += old[i * width] / rows;
        }
        assertThat((double) grown[old.length]).isCloseTo(mean, within(1e-6));
      }
    }
  }

  @Test
  void theDecoderIsUsedInPlace() throws IOException {
    VisionLanguageFolder opened = VisionLanguageFolder.open(recorded("llava"));
    VisionLanguage model = opened.model();
    List<ParameterSet.Spec> specs =
        model.decoder().weights().stream().map(weight -> weight.spec(false)).toList();
    MappedTensors mapped =
        opened.frozen(
            RecordedVisionLanguage.ENGINE,
            model,
            VisionLanguageFolder.shapes(model.decoder().weights()),
            Base.MAPPED);
    try (ParameterSet set = loaded(opened);
        ParameterSet frozen =
            ParameterSet.allocate(
                RecordedVisionLanguage.ENGINE, specs, DType.FLOAT32, List.of(mapped))) {
      assertThat(frozen.get(model.decoder().table()).mapped()).isTrue();
      assertSame(frozen, set, model.decoder().weights());
    }
  }

  /// LLaVA's own folder: other names, one configuration, the tower in a folder of its own.
  @Test
  void llavasOwnFoldersLeaveTheTowerElsewhere() throws IOException {
    VisionLanguageFolder opened = VisionLanguageFolder.open(recorded("llava"));
    VisionLanguage model = opened.model();
    ObjectNode theirs =
        (ObjectNode) JSON.readTree(recorded("llava").resolve("config.json").toFile());
    ObjectNode config = ((ObjectNode) theirs.path("text_config")).deepCopy();
    config.put("model_type", "llava_llama").put("mm_vision_tower", "tower");
    config.put("mm_projector_type", "mlp2x_gelu").put("mm_vision_select_layer", -2);
    config.put("mm_vision_select_feature", "patch").put("image_aspect_ratio", "pad");
    config.put("mm_use_im_start_end", false).put("mm_hidden_size", 40);
    Path own = Files.createDirectory(folder.resolve("llava"));
    Files.writeString(own.resolve("config.json"), config.toString());
    Path tower = Files.createDirectory(own.resolve("tower"));
    Files.writeString(tower.resolve("config.json"), theirs.path("vision_config").toString());
    try (ParameterSet set = loaded(opened)) {
      var weights = contents(opened, set, 199).weights();
      var whole = VisionLanguageNames.of(model, VisionLanguageNames.Form.LLAVA);
      List<String> seen = model.images().weights().stream().map(Weight::name).toList();
      Map<String, PendingTensor> rest = new LinkedHashMap<>(weights);
      rest.keySet().removeAll(seen);
      whole.without(seen).writePending(rest, Map.of()).write(own.resolve("model.safetensors"));
      Map<String, PendingTensor> images = new LinkedHashMap<>(weights);
      images.keySet().retainAll(seen);
      Path vision = tower.resolve("model.safetensors");
      VisionLanguageNames.tower(model.images(), "vision_model.")
          .writePending(images, Map.of())
          .write(vision);
      VisionLanguageFolder found = VisionLanguageFolder.open(own);
      assertThat(found.tower()).contains(tower);
      assertThat(found.config().imageId()).isEmpty();
      assertThat(found.config().geometry()).contains(ImageGeometry.PAD);
      found.check();
      try (ParameterSet read = loaded(found)) {
        assertSame(read, set, model.weights());
      }
      Files.delete(tower.resolve("config.json"));
      assertThatThrownBy(() -> VisionLanguageFolder.open(own))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("its image tower is tower, which is no folder here");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "model_type, '\"blip-2\"', 'model_type is \"blip-2\", expected llava'",
    "vision_feature_select_strategy, '\"cls\"', expected default or full",
    "vision_feature_layer, -5, a state of the tower's 3 blocks",
    "projector_hidden_act, '\"relu\"', 'is \"relu\", expected gelu'",
    "multimodal_projector_bias, false, expected true",
    "tie_word_embeddings, true, 'expected false, as text_config has it'",
    "surprising, 1, surprising (1)"
  })
  void anOptionThatIsNotComputedIsNamed(String field, String value, String expected)
      throws IOException {
    ObjectNode json = (ObjectNode) JSON.readTree(recorded("llava").resolve("config.json").toFile());
    json.set(field, JSON.readTree(value));
    Files.writeString(folder.resolve("config.json"), json.toString());
    assertThatThrownBy(() -> VisionLanguageFolder.open(folder))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(folder.resolve("config.json").toString())
        .hasMessageContaining(expected);
  }

  /// The configuration of llava-hf/llava-1.5-7b-hf says what differs from the defaults.
  @Test
  void whatPublishedConfigurationsLeaveOutHasDefaults() throws IOException {
    Files.writeString(
        folder.resolve("config.json"),
        """
        {"architectures": ["LlavaForConditionalGeneration"], "ignore_index": -100,
         "image_token_index": 32000, "model_type": "llava", "pad_token_id": 32001,
         "projector_hidden_act": "gelu", "tie_word_embeddings": false,
         "text_config": {"_name_or_path": "lmsys/vicuna-7b-v1.5",
           "architectures": ["LlamaForCausalLM"], "max_position_embeddings": 4096,
           "model_type": "llama", "rms_norm_eps": 1e-05, "torch_dtype": "float16",
           "vocab_size": 32064},
         "torch_dtype": "float16", "transformers_version": "4.36.0.dev0",
         "vision_config": {"hidden_size": 1024, "image_size": 336, "intermediate_size": 4096,
           "model_type": "clip_vision_model", "num_attention_heads": 16,
           "num_hidden_layers": 24, "patch_size": 14, "projection_dim": 768,
           "vocab_size": 32000},
         "vision_feature_layer": -2, "vision_feature_select_strategy": "default",
         "vocab_size": 32064}
        """);
    VisionLanguage model = VisionLanguageFolder.open(folder).model();
    assertThat(model.tokensOfImage()).isEqualTo(576);
    assertThat(model.images().blockCount()).isEqualTo(23);
    assertThat(model.decoder().spec().vocabulary()).isEqualTo(32_064);
    assertThat(model.decoder().spec().width()).isEqualTo(4096);
  }

  @Test
  void anIncompleteFolderIsNamed() throws IOException {
    Path from = recorded("llava");
    Files.copy(from.resolve("config.json"), folder.resolve("config.json"));
    VisionLanguageFolder opened = VisionLanguageFolder.open(from);
    VisionLanguage model = opened.model();
    try (StoredTensors file = opened.weights()) {
      var names = opened.layout(model, file);
      StoredTensors own = names.read(file, VisionLanguageFolder.shapes(model.weights()));
      Map<String, TensorData> kept = new LinkedHashMap<>();
      for (Weight weight : model.weights().subList(0, model.weights().size() - 1)) {
        kept.put(weight.name(), own.entry(weight.name()));
      }
      names
          .without(List.of(model.weights().getLast().name()))
          .write(kept, Map.of())
          .write(folder.resolve("model.safetensors"));
    }
    assertThatThrownBy(() -> VisionLanguageFolder.open(folder).check())
        .isInstanceOf(DataException.class)
        .hasMessageContaining("language_model.lm_head.weight");
  }
}
