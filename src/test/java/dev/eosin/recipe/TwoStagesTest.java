package dev.eosin.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.config.DataException;
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
    return "model.weights={type: run, path: %s, part: %s}".formatted(first.folder(), part);
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
    for (String source : List.of("run, path: " + biased.folder(), "eosin, path: " + taken)) {
      SmallRun third = second.copyTo(home.resolve("third-" + source.charAt(0)));
      third.train(0, notes, "model.weights={type: %s}".formatted(source), "evaluate=[]");
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

  @Test
  void anotherArchitectureIsRefused() {
    assertThatThrownBy(() -> second.train(weights("weights"), "data.text.length=12"))
        .isInstanceOf(DataException.class)
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
