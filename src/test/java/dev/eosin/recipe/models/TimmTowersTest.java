package dev.eosin.recipe.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.ParityCase;
import dev.eosin.checkpoint.SafetensorsWriter;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.config.DataException;
import dev.eosin.config.RecipeException;
import dev.eosin.features.TowerSettings;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Pass;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import dev.eosin.train.WeightsPart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A vision transformer of timm's alone is the tower that it is inside a model of open_clip's.
class TimmTowersTest {
  private static final Engine ENGINE = Engine.start(Device.CPU, 1);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String TRUNK = "visual.trunk.";
  private static final String COLOURS =
      "{\"mean\": [0.485, 0.456, 0.406], \"std\": [0.229, 0.224, 0.225]}";

  @TempDir private Path home;

  private static TowerSettings settings(Path from, Optional<String> preset, Optional<Path> config) {
    return new TowerSettings(
        from,
        WeightsPart.WEIGHTS,
        preset,
        config,
        -1,
        Optional.of(true),
        true,
        Optional.empty(),
        Optional.empty());
  }

  private static TowerSettings settings(Path from) {
    return settings(from, Optional.empty(), Optional.empty());
  }

  /// Writes the trunk of a recorded model as timm saves it, with a head that it may have.
  private Path bare(ParityCase parity, Map<String, TensorData> more) throws IOException {
    Path file = Files.createDirectories(home.resolve("vit")).resolve("model.safetensors");
    try (StoredTensors whole = StoredTensors.open(parity.file("model.safetensors"))) {
      var writer = new SafetensorsWriter(Map.of("format", "pt"));
      for (String name : whole.names()) {
        if (name.startsWith(TRUNK)) {
          writer.add(name.substring(TRUNK.length()), whole.entry(name));
        }
      }
      more.forEach(writer::add);
      writer.write(file);
    }
    return file;
  }

  private static ObjectNode config(ParityCase parity) throws IOException {
    JsonNode vision = JSON.readTree(parity.text("config.json")).path("vision_cfg");
    ObjectNode config = JSON.createObjectNode();
    config.set("architecture", vision.path("timm_model_name"));
    config.set("model_args", vision.path("timm_model_kwargs"));
    config.set("pretrained_cfg", JSON.readTree(COLOURS));
    return config;
  }

  private static float[] tokens(FrozenTower tower) throws DataException {
    int side = tower.features().tower().spec().height();
    float[] values = new float[3 * side * side];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.sin(i);
    }
    try (ParameterSet parameters = tower.parameters(ENGINE, DType.FLOAT32);
        Forward graph = new Forward(ENGINE);
        Tensor pixels = ENGINE.of(values, 1, 3, side, side)) {
      return tower
          .features()
          .of(new Pass(graph, parameters, BlockExecution.PLAIN), pixels)
          .data()
          .toFloats();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bert-timm-plain", "bert-timm-swiglu"})
  void itIsTheTowerThatItIsInsideAModel(String name) throws IOException {
    ParityCase parity = ParityCase.own(name);
    Path file = bare(parity, Map.of("head.weight", TensorData.of(new float[4], 2, 2)));
    Files.writeString(file.resolveSibling("config.json"), config(parity).toString());
    TowerSettings whole =
        settings(
            parity.file("model.safetensors"),
            Optional.empty(),
            Optional.of(parity.file("config.json")));
    FrozenTower inside = FrozenTower.open("tower", whole, true);
    FrozenTower alone = FrozenTower.open("tower", settings(file.resolveSibling("")), true);
    assertThat(alone.features().weights())
        .extracting(Weight::name)
        .isEqualTo(inside.features().weights().stream().map(Weight::name).toList());
    assertThat(alone.images().normalisation().mean()).containsExactly(0.485, 0.456, 0.406);
    assertThat(alone.part().path()).isEqualTo(file.resolveSibling("").toAbsolutePath());
    assertThat(tokens(alone)).isEqualTo(tokens(inside));
  }

  private void assertRefused(TowerSettings settings, Class<?> kind, String... parts) {
    assertThatThrownBy(() -> FrozenTower.open("tower", settings, true))
        .isInstanceOf(kind)
        .hasMessageContainingAll(parts);
  }

  @Test
  void whatItsWeightsDoNotTellIsAskedFor() throws IOException {
    ParityCase parity = ParityCase.own("bert-timm-plain");
    Path file = bare(parity, Map.of());
    assertRefused(
        settings(file),
        RecipeException.class,
        "tower.from",
        "nothing says which, as its weights do not tell its heads",
        "vit_large_patch14_dinov2");
    assertRefused(
        settings(file, Optional.of("vit_mine"), Optional.empty()),
        RecipeException.class,
        "tower.preset",
        "is 'vit_mine'");
    assertRefused(
        settings(file, Optional.of("vit_base_patch16_224"), Optional.empty()),
        DataException.class,
        "timm's vit_base_patch16_224");
    Path config = file.resolveSibling("config.json");
    Files.writeString(config, config(parity).without("pretrained_cfg").toString());
    assertRefused(
        settings(file), RecipeException.class, "does not say which mean and std its images had");
    Files.writeString(config, config(parity).without("model_args").toString());
    assertRefused(
        settings(file), DataException.class, "config.json: architecture is 'eosin_toy_vit'");
    Files.writeString(config, config(parity).toString());
    assertRefused(
        settings(file, Optional.of("vit_base_patch16_224"), Optional.empty()),
        RecipeException.class,
        "tower.preset",
        "leave it out");
    bare(parity, Map.of("norm_pre.weight", TensorData.of(new float[24], 24)));
    assertRefused(settings(file), DataException.class, "norm_pre.weight");
    Files.move(config, home.resolve("timm.json"));
    bare(parity, Map.of());
    var named = settings(file, Optional.empty(), Optional.of(home.resolve("timm.json")));
    try (FrozenTower tower = FrozenTower.open("tower", named, true)) {
      assertThat(tower.features().blockCount())
          .isEqualTo(config(parity).path("model_args").path("depth").asInt());
    }
  }
}
