package dev.eosin.vllm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.ParityCase;
import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.checkpoint.TensorRule;
import dev.eosin.config.DataException;
import dev.eosin.features.ImageFeatures;
import dev.eosin.file.AtomicFile;
import dev.eosin.nn.Activation;
import dev.eosin.nn.Weight;
import dev.eosin.tower.ImageTower;
import dev.eosin.tower.Vit;
import dev.eosin.vllm.VisionLanguageNames.Form;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class VisionLanguageNamesTest {
  @TempDir private Path folder;

  private static VisionLanguage model() throws IOException {
    return RecordedVisionLanguage.described(ParityCase.open("llava"));
  }

  private static Map<String, TensorData> values(List<Weight> weights) {
    Map<String, TensorData> values = new LinkedHashMap<>();
    int count = 0;
    for (Weight weight : weights) {
      long elements = 1;
      for (long size : weight.shape()) {
        elements *= size;
      }
      float[] numbers = new float[Math.toIntExact(elements)];
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = count++;
      }
      values.put(weight.name(), TensorData.of(numbers, weight.shape()));
    }
    return values;
  }

  private Path written(Layout layout, List<Weight> weights) throws IOException {
    Path file = folder.resolve("model.safetensors");
    AtomicFile.write(file, layout.write(values(weights), Map.of("format", "pt")));
    return file;
  }

  private static void assertReads(Layout layout, StoredTensors file, List<Weight> weights)
      throws IOException {
    StoredTensors own = layout.read(file, RecordedVisionLanguage.shapes(weights));
    for (Map.Entry<String, TensorData> value : values(weights).entrySet()) {
      TensorData found = own.entry(value.getKey());
      assertThat(found.shape()).isEqualTo(value.getValue().shape());
      assertThat(own.floats(value.getKey())[0]).isEqualTo((float) value.getValue().floatingAt(0));
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatIsWrittenInAFormIsReadAsIt(Form form) throws IOException {
    VisionLanguage model = model();
    Path path = written(VisionLanguageNames.of(model, form), model.weights());
    try (StoredTensors file = StoredTensors.open(path)) {
      assertThat(VisionLanguageNames.form(file)).isEqualTo(form);
      assertReads(VisionLanguageNames.of(model, form), file, model.weights());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "model.mm_projector.0.weight",
        "mm_projector.0.weight",
        "base_model.model.model.mm_projector.0.weight",
        "projector.model.0.weight",
        "model.0.weight",
        "multi_modal_projector.linear_1.weight"
      })
  void projectorsAloneAreFoundUnderEveryName(String first) throws IOException {
    var projector = new LinearProjector("projector", 3, 4, 2);
    String before = first.replaceAll("(0|linear_1)\\.weight$", "");
    String second = first.replace("0.weight", "2.weight").replace("linear_1", "linear_2");
    Map<String, TensorData> foreign = new LinkedHashMap<>();
    List<String> names =
        List.of(first, first.replace("weight", "bias"), second, second.replace("weight", "bias"));
    Map<String, TensorData> own = values(projector.weights());
    int i = 0;
    for (Weight weight : projector.weights()) {
      foreign.put(names.get(i++), Objects.requireNonNull(own.get(weight.name())));
    }
    foreign.put("llm.other.lora_A.weight", TensorData.of(new float[] {1}, 1));
    Path path = folder.resolve("projector.safetensors");
    Layout asIs = Layout.own(List.copyOf(foreign.keySet()));
    AtomicFile.write(path, asIs.write(foreign, Map.of()));
    try (StoredTensors file = StoredTensors.open(path)) {
      Layout found = VisionLanguageNames.projector(projector, file);
      assertThat(found.rules().getFirst().foreignNames().getFirst()).startsWith(before);
      assertReads(found, file, projector.weights());
      var deeper = new LinearProjector("projector", 3, 4, 3);
      assertThatThrownBy(() -> VisionLanguageNames.projector(deeper, file))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("holds no projector of 6 tensors");
    }
  }

  @Test
  void aLinearProjectorOfLlavaHasNoNumber() throws IOException {
    VisionLanguage two = model();
    var one = new LinearProjector("projector", two.images().width(), two.projector().width(), 1);
    var model = new VisionLanguage(two.images(), one, two.decoder());
    assertThat(VisionLanguageNames.of(model, Form.LLAVA).rules().stream().map(TensorRule::name))
        .contains("projector.linear.0.weight");
    assertThat(
            VisionLanguageNames.of(model, Form.LLAVA).rules().stream()
                .flatMap(rule -> rule.foreignNames().stream()))
        .contains("model.mm_projector.weight", "model.mm_projector.bias");
  }

  @Test
  void filesThatAreNoWholeModelAreNamed() throws IOException {
    var projector = new LinearProjector("projector", 3, 4, 2);
    Path path = written(VisionLanguageNames.xtuner(projector), projector.weights());
    try (StoredTensors file = StoredTensors.open(path)) {
      assertThatThrownBy(() -> VisionLanguageNames.form(file))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("is no LLaVA model")
          .hasMessageContaining("needs its base model");
    }
  }

  @Test
  void onlyWhatIsReadOfATowerIsPartOfTheModel() {
    ImageTower tower =
        ImageTower.of("image", new Vit(32, 32, 8, 40, 3, 4, 96), 40, Activation.GELU);
    var patches = new ImageFeatures(tower, -2, false);
    assertThat(patches.blockCount()).isEqualTo(2);
    assertThat(patches.tokens()).isEqualTo(16);
    assertThat(new ImageFeatures(tower, -2, true).tokens()).isEqualTo(17);
    assertThat(patches.weights().stream().map(Weight::name))
        .contains("image.class-token", "image.blocks.1.mlp.down.bias")
        .doesNotContain("image.blocks.2.mlp.down.bias", "image.post-norm.weight");
    assertThat(patches.unused())
        .contains("image.blocks.2.mlp.down.bias", "image.post-norm.weight", "image.projection");
    assertThat(new ImageFeatures(tower, 0, false).weights()).hasSize(5);
    assertThat(new ImageFeatures(tower, 3, false).unused())
        .containsExactly("image.post-norm.weight", "image.post-norm.bias", "image.projection");
    assertThatThrownBy(() -> new ImageFeatures(tower, -5, false))
        .hasMessage("the image tower has 3 blocks, their state -5 was asked for");
  }
}
