package dev.eosin.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.clip.WeightsSettings;
import dev.eosin.config.DataException;
import dev.eosin.config.RecipeException;
import dev.eosin.recipe.ClipRecipe;
import dev.eosin.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A run that starts from the weights of another one.
class TwoStagesTest {
  @TempDir private Path home;
  private SmallRun first;
  private SmallRun second;

  @BeforeEach
  void trainFirst() throws IOException {
    first = SmallRun.in(home.resolve("first"));
    first.train("schedule.length=2 steps", "evaluate=[]", "ema.decay=0.9", "ema.export=true");
    second = SmallRun.in(home.resolve("second"));
  }

  private String weights(String part) {
    return "initialise-from={run: %s, part: %s}".formatted(first.folder(), part);
  }

  private static Map<String, float[]> tensors(Path file) throws IOException {
    var tensors = new TreeMap<String, float[]>();
    try (SafetensorsFile opened = SafetensorsFile.open(file)) {
      for (String name : opened.names()) {
        tensors.put(name, opened.entry(name).floats());
      }
    }
    return tensors;
  }

  @Test
  void theSecondStageStartsFromTheWeightsOrTheAverageOfTheFirst() throws IOException {
    for (String part : new String[] {"weights", "average"}) {
      SmallRun stage = second.copyTo(home.resolve(part));
      var notes = new SmallRun.Notes();
      stage.train(0, notes, weights(part), "evaluate=[]");
      assertThat(notes.all())
          .anyMatch(note -> note.contains("of step 2 of " + first.folder() + " (sha256 "));
      Map<String, float[]> taken =
          tensors(
              first
                  .newestCheckpoint()
                  .resolve((part.equals("weights") ? "model" : "average") + ".safetensors"));
      tensors(stage.checkpoint(0).resolve("model.safetensors"))
          .forEach((name, values) -> assertThat(values).as(name).isEqualTo(taken.get(name)));
      stage.train(weights(part), "evaluate=[]");
      assertThat(stage.checkpointSteps()).last().isEqualTo((long) SmallRun.LENGTH);
    }
  }

  /// Neither the cross entropy of CLIP's loss nor its gradients know of a bias of all logits.
  @Test
  void theStagesMayHaveLossesOfBothKinds() throws IOException {
    var notes = new SmallRun.Notes();
    SmallRun biased = second.copyTo(home.resolve("biased"));
    biased.train(2, notes, weights("average"), "loss={type: siglip}", "evaluate=[]");
    assertThat(notes.all()).anyMatch(note -> note.contains("the weights have no logit bias"));
    Path taken = biased.newestCheckpoint().resolve("model.safetensors");
    assertThat(tensors(taken)).containsKey("logit-bias");
    for (String source :
        List.of(
            "initialise-from=" + biased.folder(),
            "model.weights={type: eosin, path: %s}".formatted(taken))) {
      SmallRun third = second.copyTo(home.resolve("third-" + source.charAt(0)));
      third.train(0, notes, source, "evaluate=[]");
      assertThat(notes.all()).last().asString().contains("stopped");
      assertThat(notes.all()).anyMatch(note -> note.contains("logit bias was left out"));
      Map<String, float[]> found = tensors(third.checkpoint(0).resolve("model.safetensors"));
      assertThat(found).doesNotContainKey("logit-bias");
      assertThat(found.get("image.projection")).isEqualTo(tensors(taken).get("image.projection"));
      assertThat(found.get("logit-scale")).isEqualTo(tensors(taken).get("logit-scale"));
      notes.all().clear();
    }
  }

  @Test
  void aFileOfWeightsAndAdaptersIsRefusedWithTheWayOut() throws IOException {
    SmallRun adapted = second.copyTo(home.resolve("adapted"));
    adapted.train(
        "lora={rank: 2, alpha: 4}", "schedule.length=1 step", "evaluate=[]", "ema.decay=0.9");
    Path file = adapted.newestCheckpoint().resolve("model.safetensors");
    SmallRun next = second.copyTo(home.resolve("next"));
    assertThatThrownBy(() -> next.train("model.weights={type: eosin, path: %s}".formatted(file)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("its run's recipe has lora")
        .hasMessageContaining("type open-clip, path: RUN/final");
    assertThat(next.checkpointSteps()).isEmpty();
    SmallRun last = second.copyTo(home.resolve("last"));
    last.train(
        1,
        new SmallRun.Notes(),
        "model.weights={type: open-clip, path: %s}".formatted(adapted.folder().resolve("final")));
  }

  /// As a file: over the first stage's own recipe, whose `model.weights` it replaces.
  @Test
  void theSecondStageMayExtendTheFirst() throws IOException {
    Path file = home.resolve("next.yaml");
    String stage =
        "extends: first/recipe.yaml\ninitialise-from: \"%s\"\n".formatted(first.folder());
    Files.writeString(file, stage);
    assertThatThrownBy(() -> Recipe.read(file, List.of()))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining("line 2  initialise-from  is output.dir, where this run would write");
    Files.writeString(file, stage + "output: { dir: \"%s\" }\n".formatted(home.resolve("next")));
    ClipRecipe recipe = (ClipRecipe) Recipe.read(file, List.of());
    assertThat(recipe.model().weights()).isEmpty();
    var notes = new SmallRun.Notes();
    new SmallRun(file, home.resolve("next")).train(0, notes, "evaluate=[]");
    assertThat(notes.all()).anyMatch(note -> note.startsWith("the first weights are those of"));
    // The other way round, too: what lies above counts.
    Path third = home.resolve("third.yaml");
    Files.writeString(third, "extends: next.yaml\nmodel: { weights: { type: random } }\n");
    ClipRecipe random = (ClipRecipe) Recipe.read(third, List.of());
    assertThat(random.initialiseFrom()).isEmpty();
    assertThat(random.model().weights()).contains(new WeightsSettings.Random());
  }

  @Test
  void bothOrNoneOfTheKeysAreRefusedAtTheirLines() throws IOException {
    Path file = second.recipe();
    String text = Files.readString(file);
    Files.writeString(file, text + "initialise-from: \"%s\"\n".formatted(first.folder()));
    assertThatThrownBy(() -> Recipe.read(file, List.of()))
        .hasMessageContaining("line 20  initialise-from  'model.weights' (line 4) is given too");
    Files.writeString(file, text.replace(", weights: { type: random }", ""));
    assertThatThrownBy(() -> Recipe.read(file, List.of()))
        .hasMessageContaining(
            "line 4  model.weights  missing key; give it, or 'initialise-from' in its place");
  }

  /// A run that began when `model.weights` said it, and no recipe had the new key.
  @Test
  void theOlderSpellingIsTheSameRun() throws IOException {
    String older = "model.weights={type: run, path: %s}".formatted(first.folder());
    second.train(2, new SmallRun.Notes(), older);
    Path stored = second.folder().resolve("recipe.yaml");
    String text = Files.readString(stored);
    assertThat(text).contains("initialise-from:\n  run: ", "  weights: null\n");
    Files.writeString(
        stored,
        text.replaceFirst("(?m)^initialise-from:\n.*\n.*\n", "")
            .replace(
                "  weights: null",
                "  weights: { type: run, path: \"%s\", part: weights }".formatted(first.folder())));
    var notes = new SmallRun.Notes();
    second.train(1, notes, "initialise-from=" + first.folder());
    assertThat(notes.all())
        .contains("resuming after step 2")
        .noneMatch(note -> note.contains("changed since the run began"));
    assertThatThrownBy(() -> second.train("initialise-from=" + second.folder().resolveSibling("x")))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining("initialise-from.run");
  }

  @Test
  void anotherArchitectureIsRefused() {
    assertThatThrownBy(() -> second.train(weights("weights"), "data.text.length=12"))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining("  initialise-from  " + first.folder())
        .hasMessageContaining("its model is another than this recipe's");
  }

  @Test
  void aRunWithoutASoundCheckpointIsRefused() throws IOException {
    Path file = first.newestCheckpoint().resolve("model.safetensors");
    Files.write(file, new byte[] {1});
    assertThatThrownBy(() -> second.train(weights("weights")))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("has no sound checkpoint")
        .hasMessageContaining("model.safetensors");
    assertThat(second.checkpointSteps()).isEmpty();
  }
}
