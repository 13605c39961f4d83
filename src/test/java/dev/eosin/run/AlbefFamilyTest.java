package dev.eosin.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.ParityCase;
import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.experiment.RunSettings;
import dev.eosin.recipe.trained.TrainableRecipe;
import dev.eosin.run.folders.RunFolder;
import dev.eosin.train.Trainer;
import dev.eosin.train.logs.RunLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A small image tower and a small text encoder in ALBEF's manner, with a queue of two batches.
public class AlbefFamilyTest extends FamilyContract {
  private static final ParityCase TOKENIZER = ParityCase.open("tokenizer-bert");

  private static final String RECIPE =
      """
      kind: albef
      seed: 7
      compute: { device: cpu, threads: 1 }
      image: { from: "%s" }
      text: { type: random, layers: 2, width: 16, heads: 2, mlp-width: 24, positions: 32 }
      contrast: { embed-size: 8, queue: 16, momentum: 0.9, temperature: 0.3, alpha: 0.4, alpha-warmup: 4 steps }
      data:
        train: { type: synthetic, facts: independent, split: train, samples: 40, tile: 32 px }
        validation: { type: synthetic, facts: independent, split: validation, samples: 16, tile: 32 px }
        image: { size: 32 px, crop-scale: [1, 1], crop-ratio: [1, 1] }
        text: { tokenizer: { type: bert, path: "%s" }, length: 24 }
        workers: 2
      batch: { global: 8 }
      optimizer: { type: adamw, lr: 1.0e-3, betas: [0.9, 0.98], eps: 1.0e-6, weight-decay: 0.1, clip-norm: 1.0 }
      schedule: { type: cosine, warmup: 25 %%, length: 12 steps }
      precision: fp32
      evaluate:
        - { type: validation, name: pairs, every: 4 steps }
      output: { dir: "%s", checkpoint-every: 5 steps, keep: 2 }
      logging: { tensorboard: false }
      """;

  @TempDir private Path other;

  @Override
  public RunSettings recipe(Path home, List<String> overrides) throws IOException {
    return TrainableRecipe.read(file(home), overrides);
  }

  @Override
  String[] smallBatches() {
    return new String[] {"batch.global=3", "contrast.queue=6"};
  }

  public static Path file(Path home) throws IOException {
    Path recipe = home.resolve("recipe.yaml");
    if (!Files.exists(recipe)) {
      Files.writeString(
          recipe,
          RECIPE.formatted(
              TinyTower.in(home, 32), TOKENIZER.file("tokenizer.json"), home.resolve("run")));
    }
    return recipe;
  }

  private RunSettings recipe(String... overrides) throws IOException {
    return recipe(other, List.of(overrides));
  }

  private Trainer.End run(long last) throws IOException {
    RunSettings settings = recipe();
    var notes = new SmallRun.Notes();
    try (RunFolder folder = RunFolder.open(settings.output().dir(), false)) {
      return new Run(settings, folder, "test", () -> notes.updates() >= last)
          .run(
              (place, start, data) ->
                  notes.beside(RunLog.open(place.log(), start.step(), start.lastEvaluatedStep())));
    }
  }

  private float[] kept(int step, String name) throws IOException {
    Path file = other.resolve("run/checkpoints/step-%08d/kept.safetensors".formatted(step));
    try (StoredTensors tensors = SafetensorsFile.open(file)) {
      return tensors.floats(name);
    }
  }

  @Test
  void theQueueIsKeptAndGoesOn() throws IOException {
    assertThat(run(4)).isEqualTo(Trainer.End.STOPPED);
    assertThat(kept(4, "queue.next")).containsExactly(0);
    float[] before = kept(4, "queue.texts");
    assertThat(run(5)).isEqualTo(Trainer.End.STOPPED);
    assertThat(kept(5, "queue.next")).containsExactly(8);
    float[] after = kept(5, "queue.texts");
    for (int i = 0; i < before.length; i++) {
      assertThat(after[i] != before[i]).as("element %d", i).isEqualTo(i < before.length / 2);
    }
  }

  @Test
  void bf16ComputesAboutTheSame() throws IOException {
    float[] wide = Objects.requireNonNull(FirstSteps.gradients(recipe()).get("loss"));
    float[] narrow =
        Objects.requireNonNull(FirstSteps.gradients(recipe("precision=bf16")).get("loss"));
    assertThat(narrow[0]).isCloseTo(wide[0], within(0.05f));
  }

  @Test
  void whatCannotBeIsSaidInALine() throws IOException {
    refused("is 20, no multiple of the 8 pairs of a step", "contrast.queue=20");
    refused("reads the WordPieces of a BERT", "data.text.tokenizer={ type: clip-bpe }");
    RunSettings length = recipe("data.text.length=40");
    assertThatThrownBy(() -> length.experiment().check(true))
        .hasMessageContaining("is 40, the text encoder reads 32 ids");
  }

  private void refused(String why, String... overrides) {
    assertThatThrownBy(() -> recipe(overrides)).hasMessageContaining(why);
  }

  /// The others are of the shares that negatives are drawn by, and of where the queue stands.
  @Override
  int waitsOfAStep() {
    return 3;
  }
}
