package dev.eosin.language.stored;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import dev.eosin.ParityCase;
import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.checkpoint.SafetensorsWriter;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import dev.eosin.language.AdaptedDecoder;
import dev.eosin.language.Decoder;
import dev.eosin.language.RecordedDecoder;
import dev.eosin.language.spec.LanguageConfig;
import dev.eosin.nn.Initialiser;
import dev.eosin.nn.Weight;
import dev.eosin.random.RandomKey;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.ParameterSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

public class PeftFolderTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /// Values that mean that an option is not used.
  private static final Set<String> UNUSED = Set.of("null", "{}", "[]", "false");

  /// What peft prints of itself, and sizes of what is not used.
  private static final Set<String> OF_PEFT =
      Set.of("megatron_core", "peft_version", "qalora_group_size");

  @TempDir Path home;

  /// Every option that is written is as theirs, and what is not written is not used by them.
  public static void assertSameOptions(Path ours, Path theirs) throws IOException {
    JsonNode written = JSON.readTree(ours.resolve("adapter_config.json").toFile());
    JsonNode wanted = JSON.readTree(theirs.resolve("adapter_config.json").toFile());
    for (Map.Entry<String, JsonNode> option : wanted.properties()) {
      JsonNode found = written.get(option.getKey());
      if (found == null) {
        assertThat(
                OF_PEFT.contains(option.getKey()) || UNUSED.contains(option.getValue().toString()))
            .as(option.getKey())
            .isTrue();
      } else {
        assertThat(found).as(option.getKey()).isEqualTo(option.getValue());
      }
    }
    assertThat(written.properties()).allMatch(option -> wanted.has(option.getKey()));
  }

  /// Of rank 4, with patterns, a head that is trained whole, and dropout.
  private static AdapterSettings settings() {
    Map<String, Integer> ranks = new LinkedHashMap<>();
    ranks.put("layers.1.self_attn.v_proj", 2);
    ranks.put("(q|v)_proj", 3);
    return new AdapterSettings(
        4,
        6.5,
        List.of("q_proj", "v_proj", "0.mlp.down_proj"),
        true,
        false,
        ranks,
        Map.of("down_proj", 5.0),
        List.of("lm_head"),
        List.of(),
        0.25);
  }

  private static AdapterSettings magnitudes() {
    return new AdapterSettings(
        4, 8, List.of("all-linear"), false, true, Map.of(), Map.of(), List.of(), List.of(), 0);
  }

  private static ParameterSet parameters(AdaptedDecoder adapted, long seed) {
    ParameterSet parameters =
        ParameterSet.allocate(RecordedDecoder.ENGINE, adapted.specs(), DType.FLOAT32);
    var key = new RandomKey(seed);
    new Initialiser(key).fill(parameters, adapted.decoder().weights());
    List<Weight> own =
        adapted.decoder().adapterWeights().stream()
            .map(weight -> Weight.normal(weight.name(), 0.1, weight.shape()))
            .toList();
    new Initialiser(key).fill(parameters, own, 1000);
    return parameters;
  }

  private Path written(AdapterSettings settings) throws IOException {
    AdaptedDecoder adapted = settings.resolve(AdapterSettingsTest.decoder(false));
    Path folder = home.resolve("adapter");
    try (ParameterSet parameters = parameters(adapted, 1)) {
      assertThat(
              PeftFolder.write(
                  folder, settings, adapted, parameters, Optional.of("some/model"), Map.of()))
          .isEmpty();
    }
    return folder;
  }

  private static void edit(Path folder, Consumer<ObjectNode> change) throws IOException {
    Path file = folder.resolve("adapter_config.json");
    ObjectNode json = (ObjectNode) JSON.readTree(file.toFile());
    change.accept(json);
    JSON.writeValue(file.toFile(), json);
  }

  private static PeftFolder open(Path folder) throws DataException {
    return PeftFolder.open(folder, AdapterSettingsTest.decoder(false));
  }

  @Test
  void whatIsWrittenIsReadBack() throws IOException {
    for (AdapterSettings settings : List.of(settings(), magnitudes())) {
      AdaptedDecoder adapted = settings.resolve(AdapterSettingsTest.decoder(false));
      Path folder = written(settings);
      try (PeftFolder read = open(folder);
          ParameterSet theirs = parameters(adapted, 1);
          ParameterSet ours = parameters(adapted, 2)) {
        assertThat(read.notes()).isEmpty();
        assertThat(read.adapted()).isEqualTo(adapted);
        read.assign(ours);
        assertThat(adapted.trained()).hasSize(read.weights().names().size());
        for (Weight weight : adapted.trained()) {
          assertThat(ours.get(weight.name()).data().toFloats())
              .as(weight.name())
              .isEqualTo(theirs.get(weight.name()).data().toFloats());
        }
      }
    }
  }

  @Test
  void settingsComeBackAsTheyWere() throws IOException {
    Path folder = written(settings());
    try (PeftFolder read = open(folder)) {
      // The order of names is not theirs to say.
      assertThat(read.settings().targets())
          .containsExactlyInAnyOrderElementsOf(settings().targets());
      assertThat(read.settings().rankPattern().keySet())
          .containsExactlyElementsOf(settings().rankPattern().keySet());
      assertThat(read.settings().dropout()).isEqualTo(0.25);
      assertThat(read.settings().alpha()).isEqualTo(6.5);
    }
    JsonNode config = JSON.readTree(folder.resolve("adapter_config.json").toFile());
    assertThat(config.get("base_model_name_or_path").asText()).isEqualTo("some/model");
  }

  @Test
  void aFileOfTorchIsReadToo() throws IOException {
    ParityCase parity = ParityCase.own("lora");
    Decoder decoder = decoder(parity);
    Files.copy(
        parity.file("adapter-dora").resolve("adapter_config.json"),
        home.resolve("adapter_config.json"));
    Path pickled = Path.of("src/test/resources/weights/peft-dora/adapter_model.bin");
    Files.copy(pickled, home.resolve("adapter_model.bin"));
    try (PeftFolder theirs = PeftFolder.open(parity.file("adapter-dora"), decoder);
        PeftFolder read = PeftFolder.open(home, decoder)) {
      assertThat(read.weights().names()).isEqualTo(theirs.weights().names());
      for (String name : theirs.weights().names()) {
        assertThat(read.weights().floats(name)).as(name).isEqualTo(theirs.weights().floats(name));
      }
    }
  }

  private static Decoder decoder(ParityCase parity) throws IOException {
    return new LanguageFolder(parity.folder(), LanguageConfig.read(parity.file("config.json")))
        .decoder("decoder");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          bias                    | "lora_only"         | the option bias is "lora_only", expected none
          layers_to_transform     | [0]                 | the option layers_to_transform is [0], expected null
          layers_pattern          | "layers"            | the option layers_pattern is
          exclude_modules         | ["q_proj"]          | the option exclude_modules is
          use_qalora              | true                | the option use_qalora is true, expected false
          fan_in_fan_out          | true                | the option fan_in_fan_out is true, expected false
          lora_bias               | true                | the option lora_bias is true, expected false
          ensure_weight_tying     | true                | the option ensure_weight_tying is true
          corda_config            | {"x": 1}            | the option corda_config is {"x":1}, expected null
          loftq_config            | {"loftq_bits": 4}   | the option loftq_config is {"loftq_bits":4}, expected {}
          init_lora_weights       | "pissa"             | the option init_lora_weights is "pissa", expected true, false, gaussian
          init_lora_weights       | "loftq"             | the option init_lora_weights is "loftq"
          init_lora_weights       | 3                   | the option init_lora_weights is 3, expected true or false
          trainable_token_indices | {"lm_head": [1]}    | the option trainable_token_indices is {"lm_head":[1]}
          trainable_token_indices | [99999]             | trainable_token_indices has 99999, the model's table
          trainable_token_indices | [1, 1]              | a token is named twice
          target_parameters       | ["experts"]         | the option target_parameters is
          layer_replication       | [[0, 2]]            | the option layer_replication is
          peft_type               | "LOHA"              | the option peft_type is "LOHA", expected LORA
          peft_type               | null                | the option peft_type is missing
          r                       | 0                   | the option r is 0, expected a whole number from 1
          lora_alpha              | "two"               | the option lora_alpha is "two", expected a number
          lora_dropout            | 1.5                 | lora_dropout: 1.5 is not in [0, 1)
          rank_pattern            | {"q_proj": 1.5}     | the option rank_pattern.q_proj is 1.5
          alpha_pattern           | {"(": 2}            | alpha_pattern: '(' is neither a name nor
          target_modules          | []                  | the option target_modules is []
          target_modules          | ["q_proj", ".*"]    | the option target_modules is
          target_modules          | "nothing"           | target_modules: nothing names no linear of this model
          target_modules          | ["v_proj", "lm_head"] | target_modules: lm_head is meant too
          use_new_thing           | true                | use_new_thing (true)
          """)
  void whatIsNotComputedIsNamed(String option, String value, String message) throws IOException {
    Path folder = written(AdapterSettings.of(4, 8));
    JsonNode node = JSON.readTree(value);
    edit(folder, json -> json.set(option, node));
    assertThatThrownBy(() -> open(folder))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith(folder.resolve("adapter_config.json") + ": ")
        .hasMessageContaining(message);
  }

  @Test
  void whatChangesNoResultIsRead() throws IOException {
    Path folder = written(AdapterSettings.of(4, 8));
    for (String beginning :
        List.of("true", "false", "null", "'gaussian'", "'orthogonal'", "'eva'")) {
      edit(
          folder,
          json -> {
            json.put("task_type", "FEATURE_EXTRACTION");
            json.put("revision", "main");
            json.put("peft_version", "0.9.0");
            json.put("target_modules", "All-Linear");
            json.put("inference_mode", false);
            json.putRawValue("init_lora_weights", new RawValue(beginning.replace('\'', '"')));
          });
      try (PeftFolder read = open(folder)) {
        assertThat(read.adapted().decoder().adapters().linears()).hasSize(14);
        assertThat(read.notes()).isEmpty();
      }
    }
  }

  @Test
  void whatCountsForNothingIsSaid() throws IOException {
    Path folder = written(magnitudes());
    edit(
        folder,
        json -> {
          json.put("lora_dropout", 0.05);
          json.withArray("target_modules").add("query_key_value");
          json.putArray("modules_to_save").add("score");
          json.putObject("rank_pattern").put("fc1", 2);
        });
    try (PeftFolder read = open(folder)) {
      assertThat(read.settings().dropout()).isZero();
      assertThat(read.notes())
          .containsExactly(
              "lora_dropout 0.05 is left out: adapters with magnitudes have none here",
              "target_modules: 'query_key_value' names no linear of this model",
              "rank_pattern: 'fc1' is the end of no adapted module's name",
              "modules_to_save: 'score' names no module with weights");
    }
  }

  @Test
  void anAdapterOfAnotherModelIsOneError() throws IOException {
    Path folder = written(settings());
    ParityCase parity = ParityCase.own("lora");
    assertThatThrownBy(() -> PeftFolder.open(folder, decoder(parity)))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith(
            folder.resolve("adapter_model.safetensors")
                + ": does not hold the weights of this model as peft LoRA for a decoder of Hugging Face: 0 missing, 0 unknown, 11 of another shape or type")
        .hasMessageContaining(
            "base_model.model.model.layers.1.self_attn.v_proj.lora_A.weight is F32 [2, 8], expected floating-point [2, 40]\n  ... and 2 more")
        .hasMessageEndingWith("its configuration says that it was made for some/model");
    edit(folder, json -> json.put("r", 5));
    assertThatThrownBy(() -> open(folder))
        .hasMessageContaining("0 missing, 0 unknown, 2 of another shape or type");
    edit(folder, json -> json.put("use_dora", true));
    assertThatThrownBy(() -> open(folder)).hasMessageContaining("5 missing, 0 unknown");
    edit(folder, json -> json.put("use_dora", false).putNull("modules_to_save").put("r", 4));
    assertThatThrownBy(() -> open(folder))
        .hasMessageContaining("0 missing, 1 unknown")
        .hasMessageContaining("base_model.model.lm_head.weight");
  }

  @Test
  void missingFilesAndNumbersThatAreNoneAreNamed() throws IOException {
    Path folder = written(settings());
    Path weights = folder.resolve("adapter_model.safetensors");
    String name = "base_model.model.model.layers.1.self_attn.q_proj.lora_A.weight";
    var spoilt = new SafetensorsWriter(Map.of());
    try (SafetensorsFile file = SafetensorsFile.open(weights)) {
      for (String each : file.names()) {
        float[] values = file.floats(each);
        values[0] = each.equals(name) ? Float.NaN : values[0];
        spoilt.add(each, TensorData.of(values, file.entry(each).dimensions()));
      }
    }
    AtomicFile.write(weights, spoilt);
    assertThatThrownBy(() -> open(folder))
        .hasMessageStartingWith(weights + ": 1 of its tensors holds numbers that are not finite")
        .hasMessageContaining(name);
    Files.delete(weights);
    assertThatThrownBy(() -> open(folder))
        .hasMessage(
            folder + ": the folder has none of adapter_model.safetensors, adapter_model.bin");
    Files.delete(folder.resolve("adapter_config.json"));
    assertThatThrownBy(() -> open(folder))
        .hasMessage(folder.resolve("adapter_config.json") + ": is missing");
  }

  @Test
  void aTableThatIsTheHeadTooHasNoPlaceInPeft() throws IOException {
    var settings =
        new AdapterSettings(
            4,
            8,
            List.of("q_proj"),
            false,
            false,
            Map.of(),
            Map.of(),
            List.of("embed_tokens"),
            List.of(),
            0);
    AdaptedDecoder tied = settings.resolve(AdapterSettingsTest.decoder(true));
    assertThat(tied.whole()).containsExactly("decoder.token-embedding.weight");
    Path folder = home.resolve("tied");
    try (ParameterSet parameters = parameters(tied, 1)) {
      assertThat(PeftFolder.write(folder, settings, tied, parameters, Optional.empty(), Map.of()))
          .hasValueSatisfying(
              why -> assertThat(why).startsWith("the token table of this model is its head, too"));
    }
    assertThat(folder).doesNotExist();
    Path untied = written(settings);
    assertThatThrownBy(() -> PeftFolder.open(untied, AdapterSettingsTest.decoder(true)))
        .hasMessageContaining("modules_to_save: the token table of this model is its head, too");
  }
}
