package dev.eosin.clip;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.ParityCase;
import dev.eosin.checkpoint.AdapterPair;
import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.checkpoint.TensorRule;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.clip.spec.HuggingFaceConfig;
import dev.eosin.clip.stored.AdapterExport;
import dev.eosin.clip.stored.ClipWeights;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.LowRank;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.GradientSink;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.Tensor;
import dev.eosin.train.StepLosses;
import dev.eosin.train.optimisers.AdamW;
import dev.eosin.train.optimisers.AdamWSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Adapters on a CLIPModel of transformers against peft's on the same: features, loss, gradients
/// and some steps of AdamW.
@Tag("parity")
class PeftParityTest {
  private static final double TOLERANCE = 1e-5;
  private static final double TRAINED_TOLERANCE = 1e-4;

  private final ParityCase peft = ParityCase.open("peft-clip");

  /// The model and the batch that the adapters were recorded on.
  private static ClipCase base(ParityCase peft) throws IOException {
    return ClipCase.of(peft.beside("hf-clip-plip"));
  }

  /// All rows at once, all but one, and one by one.
  static Stream<Arguments> ways() throws IOException {
    int rows;
    try (ClipCase base = base(ParityCase.open("peft-clip"))) {
      rows = base.inputs().entry("input_ids").shape().getFirst().intValue();
    }
    return ClipCase.executions().stream()
        .flatMap(
            execution ->
                IntStream.of(rows, Math.max(1, rows - 1), 1)
                    .distinct()
                    .mapToObj(atOnce -> Arguments.of(execution, atOnce)));
  }

  @ParameterizedTest
  @MethodSource("ways")
  void theStepsAreThoseOfPeft(BlockExecution execution, int atOnce) throws IOException {
    AdamWSettings training = training();
    try (ClipCase base = base(peft);
        SafetensorsFile expected = SafetensorsFile.open(peft.file("expected.safetensors"));
        SafetensorsFile adapters = SafetensorsFile.open(peft.file("adapters.safetensors"));
        Clip clip = adapted(base, adapters, execution);
        AdamW optimiser = new AdamW(clip.parameters(), training)) {
      float[] losses = expected.floats("loss");
      for (int step = 0; step < losses.length; step++) {
        try (Tensor pixels = ClipCase.tensor(base.inputs(), "pixel_values");
            Tensor ids = ClipCase.tensor(base.inputs(), "input_ids")) {
          var rows = new OpenClipTrainParity.RecordedRows(pixels, ids);
          if (step == 0) {
            checkFeatures(clip, rows, expected);
            checkGradients(clip, rows, atOnce, expected);
          }
          double loss = run(clip, rows, atOnce, optimiser);
          check("loss of step " + step, new float[] {(float) loss}, new float[] {losses[step]});
          optimiser.gradientNorm();
          optimiser.update(training.lr());
          clip.clampLogitScale();
        }
        ClipCase.check(
            "logit scale after step " + step,
            clip.parameters().get(Clip.LOGIT_SCALE).data().toFloats(),
            new float[] {expected.floats("logit_scale_after")[step]},
            TRAINED_TOLERANCE);
      }
      for (String name : clip.adapterNames()) {
        float[] found = clip.parameters().get(name).data().toFloats();
        ClipCase.check(name, found, expected.floats("final." + name), TRAINED_TOLERANCE);
      }
    }
  }

  @Test
  void theAdaptersGoOutAsPeftWritesThem(@TempDir Path home) throws IOException {
    Path folder = home.resolve("adapter");
    try (ClipCase base = base(peft);
        SafetensorsFile adapters = SafetensorsFile.open(peft.file("adapters.safetensors"));
        Clip clip = adapted(base, adapters, BlockExecution.PLAIN)) {
      assertThat(AdapterExport.write(folder, clip)).isEmpty();
    }
    try (SafetensorsFile written =
            SafetensorsFile.open(folder.resolve("adapter_model.safetensors"));
        SafetensorsFile theirs = SafetensorsFile.open(peft.file("adapter_model.safetensors"))) {
      assertThat(written.names()).isEqualTo(theirs.names());
      for (String name : theirs.names()) {
        assertThat(written.entry(name).shape()).isEqualTo(theirs.entry(name).shape());
        assertThat(written.floats(name)).as(name).isEqualTo(theirs.floats(name));
      }
      JsonNode config = new ObjectMapper().readTree(folder.resolve("adapter_config.json").toFile());
      for (JsonNode module : config.get("target_modules")) {
        assertThat(theirs.names())
            .contains("base_model.model." + module.asText() + ".lora_A.weight");
      }
      assertThat(2 * config.get("target_modules").size()).isEqualTo(theirs.names().size());
      sameSettings(config, ClipCase.json(peft, "adapter_config.json"));
    }
  }

  @Test
  void whatPeftWroteReadsBackAsTheSameAdapters() throws IOException {
    try (ClipCase base = base(peft);
        SafetensorsFile adapters = SafetensorsFile.open(peft.file("adapters.safetensors"));
        SafetensorsFile theirs = SafetensorsFile.open(peft.file("adapter_model.safetensors"));
        Clip clip = adapted(base, adapters, BlockExecution.PLAIN)) {
      List<AdapterPair> pairs =
          clip.adaptedWeights().stream()
              .map(name -> new AdapterPair(name, LowRank.down(name), LowRank.up(name)))
              .toList();
      StoredTensors read =
          ClipWeights.huggingFace(clip.spec()).adapters(pairs).read(theirs, Map.of());
      assertThat(read.names()).isEqualTo(adapters.names());
      for (String name : adapters.names()) {
        assertThat(read.floats(name)).as(name).isEqualTo(adapters.floats(name));
      }
    }
  }

  @Test
  void anAThatIsNotTheSameForAllOfItsLinearsIsNotRead() {
    var rule = new TensorRule.Repeat("a", List.of("query", "key"));
    TensorData one = TensorData.of(new float[] {1, 2}, 1, 2);
    TensorData other = TensorData.of(new float[] {1, 3}, 1, 2);
    assertThat(rule.read(List.of(one, one)).floats()).containsExactly(1, 2);
    assertThatThrownBy(() -> rule.read(List.of(one, other)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("query and key must be the same numbers");
  }

  /// peft names the linears by their last part; Eosin names each of them.
  private static void sameSettings(JsonNode ours, JsonNode theirs) {
    for (Map.Entry<String, JsonNode> setting : ours.properties()) {
      if (!setting.getKey().equals("target_modules")) {
        JsonNode wanted = theirs.get(setting.getKey());
        assertThat(wanted).as(setting.getKey()).isNotNull();
        assertThat(setting.getValue().asText()).as(setting.getKey()).startsWith(wanted.asText());
      }
    }
  }

  private AdamWSettings training() throws IOException {
    JsonNode training = ClipCase.json(peft, "training.json");
    return new AdamWSettings(
        training.get("lr").doubleValue(),
        training.get("betas").valueStream().map(JsonNode::doubleValue).toList(),
        training.get("eps").doubleValue(),
        training.get("weight_decay").doubleValue(),
        Optional.empty());
  }

  /// As peft's own file says.
  private LoraSettings lora() throws IOException {
    JsonNode config = ClipCase.json(peft, "adapter_config.json");
    Set<String> targets =
        config.get("target_modules").valueStream().map(JsonNode::asText).collect(toSet());
    Map<LoraSettings.Target, Set<String>> linears =
        Map.of(
            LoraSettings.Target.ATTENTION, Set.of("q_proj", "k_proj", "v_proj", "out_proj"),
            LoraSettings.Target.MLP, Set.of("fc1", "fc2"));
    return new LoraSettings(
        config.get("r").intValue(),
        config.get("lora_alpha").doubleValue(),
        List.of(LoraSettings.Place.values()),
        Stream.of(LoraSettings.Target.values())
            .filter(target -> targets.containsAll(linears.getOrDefault(target, Set.of())))
            .toList(),
        config.get("lora_dropout").doubleValue());
  }

  private Clip adapted(ClipCase base, StoredTensors adapters, BlockExecution execution)
      throws IOException {
    LoraSettings lora = lora();
    ClipSpec spec = HuggingFaceConfig.read(base.files().name(), base.config());
    Clip clip =
        Clip.allocate(
            ClipCase.ENGINE,
            spec,
            DType.FLOAT32,
            lora.locked(spec),
            execution.adapted(lora.adapters()));
    try (SafetensorsFile file = SafetensorsFile.open(base.files().file("model.safetensors"))) {
      ClipWeights.load(clip, ClipWeights.huggingFace(spec), file);
    }
    assertThat(adapters.names()).containsExactlyInAnyOrderElementsOf(clip.adapterNames());
    for (String name : clip.adapterNames()) {
      try (Tensor values = ClipCase.tensor(adapters, name)) {
        clip.parameters().assign(name, values);
      }
    }
    return clip;
  }

  private static double run(Clip clip, StepRows rows, int atOnce, GradientSink sink) {
    var losses = new StepLosses();
    ClipStep.of(clip, PairLoss.CONTRASTIVE, rows.size(), atOnce).run(rows, 1, losses, sink);
    return losses.sum().total();
  }

  private static void checkFeatures(Clip clip, StepRows rows, StoredTensors expected)
      throws IOException {
    try (Forward graph = new Forward(ClipCase.ENGINE)) {
      check(
          "image features",
          Tower.IMAGE.features(graph, clip, rows, 0, rows.size()).data().toFloats(),
          expected.floats("image_features"));
      check(
          "text features",
          Tower.TEXT.features(graph, clip, rows, 0, rows.size()).data().toFloats(),
          expected.floats("text_features"));
    }
  }

  private static void checkGradients(Clip clip, StepRows rows, int atOnce, StoredTensors expected)
      throws IOException {
    Map<String, float[]> found = new TreeMap<>();
    run(
        clip,
        rows,
        atOnce,
        (parameters, gradients) -> {
          for (int i = 0; i < parameters.size(); i++) {
            found.merge(parameters.get(i).name(), gradients.get(i).toFloats(), PeftParityTest::sum);
            gradients.get(i).close();
          }
        });
    assertThat(found.keySet())
        .containsExactlyInAnyOrderElementsOf(
            clip.parameters().trainable().stream().map(Parameter::name).toList());
    for (String name : found.keySet()) {
      check(name, Objects.requireNonNull(found.get(name)), expected.floats("grad." + name));
    }
  }

  private static float[] sum(float[] x, float[] y) {
    float[] sum = x.clone();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += y[i];
    }
    return sum;
  }

  private static void check(String what, float[] found, float[] wanted) {
    double size = 1;
    for (float value : wanted) {
      size = Math.max(size, Math.abs(value));
    }
    ClipCase.check(what, found, wanted, TOLERANCE * size);
  }
}
