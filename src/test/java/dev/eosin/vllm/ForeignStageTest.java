package dev.eosin.vllm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.config.DataException;
import dev.eosin.features.ImageFeatures;
import dev.eosin.language.AdaptedDecoder;
import dev.eosin.language.Llama;
import dev.eosin.language.spec.LlamaSpec;
import dev.eosin.language.spec.Rotary;
import dev.eosin.language.stored.AdapterSettings;
import dev.eosin.language.stored.PeftFolder;
import dev.eosin.nn.Activation;
import dev.eosin.nn.Initialiser;
import dev.eosin.nn.Weight;
import dev.eosin.random.RandomKey;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tower.ImageTower;
import dev.eosin.tower.Vit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Stages that other programs trained. The files are written by `xtuner/record.py`.
class ForeignStageTest {
  private static final Path RECORDED = Path.of("src/test/resources/xtuner");

  @TempDir private Path home;

  private static AdaptedDecoder adapted(int width, AdapterSettings settings) {
    var rotary = new Rotary(10_000, new Rotary.Scaling.None());
    var spec =
        new LlamaSpec(
            40, width, 2, 4, 2, 8, 48, false, false, OptionalInt.empty(), 1e-5, rotary, 64);
    return settings.resolve(Llama.of(VisionLanguage.DECODER, spec));
  }

  private static AdapterSettings lora(int rank, double alpha, String target) {
    return new AdapterSettings(
        rank, alpha, List.of(target), false, false, Map.of(), Map.of(), List.of(), List.of(), 0);
  }

  private static AdaptedDecoder adapted() {
    return adapted(32, lora(2, 4, "q_proj"));
  }

  private static VisionLanguage model(AdaptedDecoder decoder, boolean connects) {
    ImageTower tower =
        ImageTower.of("image", new Vit(16, 16, 8, 32, 2, 4, 32), 32, Activation.GELU);
    int width = decoder.decoder().spec().width();
    String prefix = VisionLanguage.PROJECTOR;
    Projector projector =
        connects
            ? new TileConnector(prefix, 32, 2, 4, 48, width)
            : new LinearProjector(prefix, 32, width, 2);
    return new VisionLanguage(new ImageFeatures(tower, -2, false), projector, decoder.decoder());
  }

  private static ParameterSet parameters(VisionLanguage model) {
    List<Weight> weights = new ArrayList<>(model.projector().weights());
    weights.addAll(model.decoder().adapterWeights());
    return ParameterSet.allocate(
        RecordedVisionLanguage.ENGINE,
        weights.stream().map(weight -> weight.spec(true)).toList(),
        DType.FLOAT32);
  }

  @ParameterizedTest
  @ValueSource(strings = {"iter_2.pth", "deepspeed.pth"})
  void checkpointsOfXtunerAreRead(String name) throws IOException {
    AdaptedDecoder decoder = adapted();
    VisionLanguage model = model(decoder, false);
    Path path = RECORDED.resolve(name);
    assertThat(ForeignStage.is(path)).isTrue();
    try (ForeignStage stage = ForeignStage.open(path, model, Optional.of(decoder));
        ParameterSet set = parameters(model)) {
      assertThat(stage.fill(set)).contains("the projector and the adapters are those of");
      int count = 0;
      List<String> order = new ArrayList<>();
      for (int layer = 0; layer < 2; layer++) {
        String linear = "decoder.blocks.%d.attention.query.weight".formatted(layer);
        decoder.decoder().adapterWeights().stream()
            .map(Weight::name)
            .filter(each -> each.startsWith(linear.replace(".weight", "")))
            .forEach(order::add);
      }
      model.projector().weights().forEach(weight -> order.add(weight.name()));
      assertThat(order).hasSize(8);
      for (String each : order) {
        float[] values = set.get(each).master().toFloats();
        for (float value : values) {
          assertThat(value).isEqualTo(count % 509 / 512f);
          count++;
        }
      }
    }
  }

  @Test
  void foldersAreReadAsTheyWereWritten() throws IOException {
    AdaptedDecoder decoder = adapted();
    for (boolean connects : new boolean[] {false, true}) {
      VisionLanguage model = model(decoder, connects);
      Path out = home.resolve(connects ? "connector" : "linear");
      try (ParameterSet set = parameters(model);
          ParameterSet again = parameters(model)) {
        List<Weight> all = new ArrayList<>(model.projector().weights());
        all.addAll(model.decoder().adapterWeights());
        new Initialiser(new RandomKey(3)).fill(set, all, 0);
        ProjectorFolder.write(
            out,
            model.projector(),
            set,
            PeftFolder.files(lora(2, 4, "q_proj"), decoder, set, Optional.of("a/base")),
            Map.of("decoder", "a/base"));
        assertThat(ProjectorFolder.described(out, VisionLanguage.PROJECTOR))
            .isEqualTo(model.projector());
        try (ForeignStage stage = ForeignStage.open(out, model, Optional.of(decoder))) {
          stage.fill(again);
        }
        for (Weight weight : all) {
          assertThat(again.get(weight.name()).data().toFloats())
              .as(weight.name())
              .containsExactly(set.get(weight.name()).data().toFloats());
        }
      }
    }
    assertRefused(
        home.resolve("linear"), adapted(32, lora(2, 8, "q_proj")), "alpha / rank [2.0]", "[4.0]");
    assertRefused(
        home.resolve("linear"), adapted(32, lora(4, 8, "q_proj")), "rank 2", "the recipe's");
    assertRefused(home.resolve("linear"), adapted(40, lora(2, 4, "q_proj")), "[32, 32]");
  }

  private static void assertRefused(Path path, AdaptedDecoder decoder, String... said) {
    assertThatThrownBy(
            () -> ForeignStage.open(path, model(decoder, false), Optional.of(decoder)).close())
        .isInstanceOf(DataException.class)
        .hasMessageContainingAll(said);
  }

  @Test
  void whatDoesNotFitIsNamed() throws IOException {
    Path path = RECORDED.resolve("iter_2.pth");
    VisionLanguage model = model(adapted(), false);
    assertThatThrownBy(() -> ForeignStage.open(path, model, Optional.empty()))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("the recipe has none; give it lora");
    assertRefused(path, adapted(32, lora(2, 4, "k_proj")), "q_proj");
    assertRefused(path, adapted(32, lora(4, 4, "q_proj")), "[2, 32]", "[4, 32]");
    Path more = home.resolve("more.safetensors");
    try (StoredTensors file = StoredTensors.open(path)) {
      Map<String, TensorData> tensors = new LinkedHashMap<>();
      for (String name : file.names()) {
        tensors.put(name, file.entry(name));
      }
      tensors.put("visual_encoder.a.weight", TensorData.of(new float[] {1}, 1));
      Layout.own(List.copyOf(tensors.keySet())).write(tensors, Map.of()).write(more);
    }
    assertRefused(more, adapted(), "1 tensors that are neither", "visual_encoder.a.weight");
    assertThat(ForeignStage.is(Files.createDirectory(home.resolve("a-run")))).isFalse();
  }
}
