package dev.eosin.run.rehearsals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.checkpoint.SafetensorsWriter;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.config.DataException;
import dev.eosin.config.RecipeException;
import dev.eosin.recipe.trained.TrainableRecipe;
import dev.eosin.run.SmallRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Runs that start from a finished run's weights: at another input size, and with what the weights'
/// folder says about them.
class FirstWeightsTest {
  private static final String IMAGE_NOTE =
      "the weights' image positions were interpolated from 4 x 4 to 6 x 5 patches (bicubic)";

  @TempDir private Path home;
  private SmallRun first;
  private SmallRun second;
  private Path exported;

  @BeforeEach
  void trainFirst() throws IOException {
    first = SmallRun.in(home.resolve("first"));
    first.train("schedule.length=1 steps", "evaluate=[]");
    exported = first.folder().resolve("final");
    second = SmallRun.in(home.resolve("second"));
  }

  private String[] from(String weights, String... more) {
    return Stream.concat(
            Stream.of(
                "model.config=" + exported.resolve("open_clip_config.json"),
                "model.weights=" + weights,
                "evaluate=[]"),
            Arrays.stream(more))
        .toArray(String[]::new);
  }

  private String openClip() {
    return "{type: open-clip, path: %s}".formatted(exported);
  }

  @Test
  void folderOfTwoLayoutsGivesTheOneAskedFor() throws IOException {
    var notes = new SmallRun.Notes();
    second.train(1, notes, from(openClip()));
    assertThat(notes.all()).noneMatch(note -> note.contains("positions"));
    var again = SmallRun.in(home.resolve("third"));
    again.train(1, notes, from("{type: hugging-face, path: %s}".formatted(exported)));
    assertThat(again.newestCheckpoint().resolve("model.safetensors"))
        .hasSameBinaryContentAs(second.newestCheckpoint().resolve("model.safetensors"));
  }

  @Test
  void otherInputSizesInterpolateThePositionsAndSaySo() throws IOException {
    var notes = new SmallRun.Notes();
    second.train(
        1, notes, from(openClip(), "data.image.size=48 px x 40 px", "data.text.length=24"));
    assertThat(notes.all())
        .anyMatch(note -> note.startsWith(IMAGE_NOTE))
        .anyMatch(note -> note.contains("text positions were interpolated from 16 to 24 (linear)"));
    try (StoredTensors model =
        StoredTensors.open(second.newestCheckpoint().resolve("model.safetensors"))) {
      assertThat(model.header("image.position-embedding").shape()).containsExactly(31L, 32L);
      assertThat(model.header("text.position-embedding").shape()).containsExactly(24L, 32L);
    }
  }

  @Test
  void dryRunSaysItToo() throws IOException {
    List<String> overrides = List.of(from(openClip(), "data.image.size=48 px x 40 px"));
    DryRun run = DryRun.of(TrainableRecipe.read(second.recipe(), overrides));
    assertThat(run.notes()).anyMatch(note -> note.startsWith(IMAGE_NOTE));
  }

  @Test
  void truncatedTextPositionsAreTheFirstOnes() throws IOException {
    String[] longer = from(openClip(), "data.text.length=24", "model.text-positions=truncate");
    assertThatThrownBy(() -> second.train(longer))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining("model.text-positions");
    var notes = new SmallRun.Notes();
    // A rate of next to nothing leaves the weights as they were.
    second.train(
        1,
        notes,
        from(
            openClip(),
            "data.text.length=12",
            "model.text-positions=truncate",
            "optimizer.lr=1.0e-30"));
    assertThat(notes.all())
        .anyMatch(
            note -> note.contains("the first 12 of the weights' 16 text positions were kept"));
    try (StoredTensors before =
            StoredTensors.open(exported.resolve("open_clip_model.safetensors"));
        StoredTensors after =
            StoredTensors.open(second.newestCheckpoint().resolve("model.safetensors"))) {
      assertThat(after.floats("text.position-embedding"))
          .isEqualTo(Arrays.copyOf(before.floats("positional_embedding"), 12 * 32));
    }
  }

  @Test
  void configurationBesideTheWeightsMayNotContradictTheRecipe() throws IOException {
    Path config = home.resolve("quick.json");
    String bare = Files.readString(home.resolve("second/model.json"));
    Files.writeString(
        config, bare.replace("{\"embed_dim\"", "{\"quick_gelu\": true, \"embed_dim\""));
    String[] overrides = from(openClip(), "model.config=" + config);
    assertThatThrownBy(() -> second.train(overrides))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining("model.config")
        .hasMessageContaining("activation gelu against quick_gelu")
        .hasMessageContaining("open_clip_config.json");
  }

  /// The weights of `exported` in a file of their own, changed.
  private Path changed(UnaryOperator<String> names, float logitScale) throws IOException {
    Path file = home.resolve("changed.safetensors");
    var writer = new SafetensorsWriter(Map.of());
    try (StoredTensors stored =
        StoredTensors.open(exported.resolve("open_clip_model.safetensors"))) {
      for (String name : stored.names()) {
        float[] values =
            name.equals("logit_scale") ? new float[] {logitScale} : stored.floats(name);
        writer.add(names.apply(name), TensorData.of(values, stored.entry(name).dimensions()));
      }
      writer.write(file);
    }
    return file;
  }

  @Test
  void namesWithSomethingBeforeThemAreReadAndThatIsSaid() throws IOException {
    var notes = new SmallRun.Notes();
    Path file = changed(name -> "module._orig_mod." + name, 3);
    second.train(1, notes, from("{type: open-clip, path: %s}".formatted(file)));
    assertThat(notes.all())
        .anyMatch(note -> note.contains("such as 'ln_final.bias' for 'module._orig_mod.ln_final"));
  }

  @Test
  void weightsWithNamesOfAnotherFormatNameIt() throws IOException {
    Path file = changed(name -> name, 3);
    assertThatThrownBy(() -> second.train(from("{type: hugging-face, path: %s}".formatted(file))))
        .isInstanceOf(DataException.class)
        .hasMessage(
            file
                + ": is a CLIP model with the names of open_clip; take weights of type: open-clip"
                + " instead of hugging-face");
  }

  @Test
  void weightsOfOtherTowersAreToldInOneLine() throws IOException {
    Path file = changed(name -> name, 3);
    Path config = home.resolve("deep.json");
    String bare = Files.readString(home.resolve("second/model.json"));
    Files.writeString(config, bare.replaceFirst("\"layers\": 2", "\"layers\": 3"));
    String[] overrides =
        from("{type: open-clip, path: %s}".formatted(file), "model.config=" + config);
    assertThatThrownBy(() -> second.train(overrides))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining(
            "  model.weights  %s: is another model than the recipe's: CLIP's own vision transformer of 2"
                .formatted(file))
        .hasMessageContaining("here CLIP's own vision transformer of 3 blocks")
        .message()
        .hasLineCount(2);
  }

  @Test
  void aLogitScaleStoredWithoutItsLogarithmIsNoticed() throws IOException {
    String weights = "{type: open-clip, path: %s}".formatted(changed(name -> name, 14.2857f));
    assertThatThrownBy(() -> second.train(from(weights)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("logit_scale is 14.2857, which is no logarithm")
        .hasMessageContaining("store its logarithm, 2.6593");
    var notes = new SmallRun.Notes();
    // SigLIP's loss begins with a scale and bias of its own where the weights have no bias.
    second.train(1, notes, from(weights, "loss={type: siglip}"));
    assertThat(notes.all()).anyMatch(note -> note.contains("start as in a new model"));
  }

  @Test
  void weightsOfAnotherShapeAreStillReported() throws IOException {
    Path config = home.resolve("wide.json");
    String bare = Files.readString(home.resolve("second/model.json"));
    Files.writeString(config, bare.replace("\"patch_size\": 8", "\"patch_size\": 4"));
    Path lone =
        Files.copy(
            exported.resolve("open_clip_model.safetensors"), home.resolve("lone.safetensors"));
    String[] overrides =
        from("{type: open-clip, path: %s}".formatted(lone), "model.config=" + config);
    assertThatThrownBy(() -> second.train(overrides))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining("2 of another shape")
        .hasMessageContaining(
            "  model.weights  %s: is of another architecture than the model:\n  it has     an image tower of"
                .formatted(lone))
        .satisfies(
            refused -> assertThat(String.valueOf(refused.getMessage()).lines()).hasSizeLessThan(21))
        .hasMessageContaining("visual.conv1.weight")
        .hasMessageContaining("visual.positional_embedding");
  }
}
