package dev.eosin.recipe.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.ParityCase;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.config.DataException;
import dev.eosin.config.Pixels;
import dev.eosin.config.RecipeException;
import dev.eosin.features.ImageFeatures;
import dev.eosin.features.TowerSettings;
import dev.eosin.image.transforms.ImageSettings;
import dev.eosin.image.transforms.InputSize;
import dev.eosin.image.transforms.Normalisation;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Pass;
import dev.eosin.qformer.FrozenPart;
import dev.eosin.run.SmallRun;
import dev.eosin.run.TinyTower;
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
import java.nio.file.attribute.FileTime;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Towers of EVA's kind, from their own file and from within models of BLIP-2.
class FrozenTowerTest {
  private static final Engine ENGINE = Engine.start(Device.CPU, 1);
  private static final ImageSettings IMAGES =
      ImageSettings.plain(new InputSize(new Pixels(32), new Pixels(32)), Normalisation.OPENAI);

  @TempDir private Path folder;

  private static TowerSettings settings(Path from, int layer) {
    return new TowerSettings(
        from,
        WeightsPart.WEIGHTS,
        Optional.empty(),
        Optional.empty(),
        layer,
        Optional.empty(),
        true,
        Optional.empty(),
        Optional.empty());
  }

  private static FrozenTower open(TowerSettings settings) throws IOException {
    return FrozenTower.open("tower", settings, IMAGES, true);
  }

  private static FrozenTower open(Path from, int layer) throws IOException {
    return open(settings(from, layer));
  }

  private static Path recorded(Path folder) throws IOException {
    ParityCase parity = ParityCase.own("blip2-t5");
    for (String name : new String[] {"config.json", "model.safetensors"}) {
      Files.copy(parity.file(name), folder.resolve(name));
    }
    return folder;
  }

  private static float[] tokens(ImageFeatures features, ParameterSet parameters, Tensor pixels) {
    try (Forward graph = new Forward(ENGINE)) {
      return features
          .of(new Pass(graph, parameters, BlockExecution.PLAIN), pixels)
          .data()
          .toFloats();
    }
  }

  /// transformers' tower, then the norm that it has behind it.
  @Test
  void aTowerWithinBlip2GivesWhatTransformersRecorded() throws IOException {
    ParityCase parity = ParityCase.own("blip2-t5");
    FrozenTower tower = open(recorded(folder), -2);
    assertThat(tower.features().blockCount()).isEqualTo(2);
    float[] gain = tower.own().floats("image-norm.weight");
    float[] bias = tower.own().floats("image-norm.bias");
    try (ParameterSet parameters = tower.parameters(ENGINE, DType.FLOAT32);
        StoredTensors inputs = StoredTensors.open(parity.file("inputs.safetensors"));
        StoredTensors expected = StoredTensors.open(parity.file("expected.safetensors"));
        Tensor pixels = ENGINE.of(inputs.floats("pixel_values"), 3, 3, 32, 32)) {
      assertThat(parameters.all()).allMatch(each -> each.mapped());
      float[] ours = tokens(tower.features(), parameters, pixels);
      float[] theirs = expected.floats("vision.last_hidden_state");
      assertThat(ours).hasSameSizeAs(theirs);
      int c = gain.length;
      for (int row = 0; row < ours.length / c; row++) {
        double mean = 0;
        double square = 0;
        for (int i = row * c; i < (row + 1) * c; i++) {
          mean += ours[i] / (double) c;
          square += ours[i] * (double) ours[i] / c;
        }
        double scale = 1 / Math.sqrt(square - mean * mean + 1e-6);
        for (int i = 0; i < c; i++) {
          float normed = (float) ((ours[row * c + i] - mean) * scale * gain[i] + bias[i]);
          assertThat(theirs[row * c + i]).isCloseTo(normed, within(2e-4f));
        }
      }
    }
  }

  @Test
  void aMissingTowerIsToldWithTheKeyThatNamesIt() {
    assertThatThrownBy(() -> open(folder.resolve("nothing"), -2))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("nothing: no such file or folder; tower.from names the model");
  }

  @Test
  void evasOwnFileIsReadUpToTheLayer() throws IOException {
    Path file = TinyTower.eva(folder, 3);
    FrozenTower tower = open(file, -2);
    assertThat(tower.features().blockCount()).isEqualTo(2);
    assertThat(tower.part().path()).isEqualTo(file.toAbsolutePath());
    assertThat(tower.part().sha256()).isEqualTo(tower.digest());
    FrozenTower other = open(file, 2);
    try (ParameterSet mapped = tower.parameters(ENGINE, DType.FLOAT32);
        ParameterSet copied = other.parameters(ENGINE, DType.BFLOAT16);
        Tensor pixels = pixels()) {
      assertThat(mapped.get("image.blocks.1.mlp.up.weight").mapped()).isTrue();
      assertThat(copied.get("image.blocks.1.mlp.up.weight").mapped()).isFalse();
      assertThat(mapped.all()).noneMatch(each -> each.name().startsWith("image.blocks.2."));
      assertThat(tokens(tower.features(), mapped, pixels))
          .isEqualTo(tokens(cut(3, 2), mapped, pixels));
    }
  }

  /// The same tower, of which as many blocks are read.
  private static ImageFeatures cut(int blocks, int layer) {
    return new ImageFeatures(TinyTower.evaFeatures(blocks).tower(), layer, true);
  }

  private static Tensor pixels() {
    float[] values = new float[3 * 32 * 32];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.sin(i);
    }
    return ENGINE.of(values, 1, 3, 32, 32);
  }

  /// The place that an export names of a run's average opens the same weights.
  @Test
  void anAverageIsOpenedAgainWhereAnExportSaysItLies() throws IOException {
    SmallRun run = SmallRun.in(folder);
    run.train("ema.decay=0.5", "lock.image-tower.unlocked-groups=2", "schedule.length=4 steps");
    FrozenPart part;
    float[] values;
    String name = "image.blocks.0.mlp.up.weight";
    try (FrozenTower tower = open(ofRun(run.folder(), WeightsPart.AVERAGE))) {
      part = tower.part();
      values = tower.own().floats(name);
    }
    assertThat(part.path()).isEqualTo(run.newestCheckpoint().toAbsolutePath());
    assertThat(part.settings()).containsEntry("part", "average");
    String kept = Objects.requireNonNull(part.settings().get("part"));
    var again = WeightsPart.valueOf(kept.toUpperCase(Locale.ROOT));
    try (FrozenTower tower = open(ofRun(part.path(), again))) {
      assertThat(tower.part()).isEqualTo(part);
      assertThat(tower.own().floats(name)).isEqualTo(values);
    }
    part.require("image tower", folder);
    Path file = part.path().resolve("average.safetensors");
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1] ^= 1;
    Files.write(file, bytes);
    Files.setLastModifiedTime(file, FileTime.fromMillis(0));
    assertThatThrownBy(() -> part.require("image tower", folder))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("but this model was trained with");
  }

  private static TowerSettings ofRun(Path from, WeightsPart part) {
    return new TowerSettings(
        from,
        part,
        Optional.empty(),
        Optional.empty(),
        -1,
        Optional.empty(),
        true,
        Optional.empty(),
        Optional.empty());
  }

  @Test
  void whatCannotBeIsSaidInALine() throws IOException {
    Path eva = TinyTower.eva(folder, 3);
    recorded(folder);
    assertThatThrownBy(() -> open(folder, -1))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining("has only the first 2 of the tower's 3 blocks");
    assertThatThrownBy(() -> open(eva, -9))
        .hasMessageContaining("the image tower has 3 blocks, their state -9 was asked for");
    var named =
        new TowerSettings(
            eva,
            WeightsPart.WEIGHTS,
            Optional.of("vit-b-32"),
            Optional.empty(),
            -2,
            Optional.empty(),
            true,
            Optional.empty(),
            Optional.empty());
    assertThatThrownBy(() -> FrozenTower.open("tower", named, IMAGES, true))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining("tower.preset")
        .hasMessageContaining("leave it out");
    assertThatThrownBy(() -> open(Path.of("nowhere"), -2)).isInstanceOf(DataException.class);
  }
}
