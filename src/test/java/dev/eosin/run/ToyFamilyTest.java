package dev.eosin.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.checkpoint.CheckpointState;
import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.checkpoint.SafetensorsWriter;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.experiment.RunSettings;
import dev.eosin.run.folders.RunFolder;
import dev.eosin.train.logs.RunLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The toy family gets everything that a run can do.
class ToyFamilyTest extends FamilyContract {
  private static final String RECIPE =
      """
      seed: 7
      compute: { device: cpu, threads: 1 }
      frozen: "%s"
      data:
        train: { type: synthetic, split: train, samples: 40, tile: 32 px }
        validation: { type: synthetic, split: validation, samples: 16, tile: 32 px }
        image: { size: 16 px, crop-scale: [0.5, 1.0], flip-horizontal: true }
        workers: 2
      batch: { global: 8 }
      optimizer: { type: adamw, lr: 1.0e-2, betas: [0.9, 0.98], eps: 1.0e-6, weight-decay: 0.1, clip-norm: 1.0 }
      schedule: { type: cosine, warmup: 25 %%, length: 12 steps }
      precision: fp32
      evaluate:
        - { name: held-out, every: 4 steps }
      output: { dir: "%s", checkpoint-every: 5 steps, keep: 2 }
      logging: { tensorboard: false }
      """;

  @Override
  public RunSettings recipe(Path home, List<String> overrides) throws IOException {
    Path frozen = home.resolve("frozen.safetensors");
    Path recipe = home.resolve("recipe.yaml");
    if (!Files.exists(recipe)) {
      float[] values = new float[ToyRows.LETTERS];
      for (int i = 0; i < values.length; i++) {
        values[i] = 0.01f * i;
      }
      var file = new SafetensorsWriter(Map.of());
      file.add(ToyLearner.FROZEN, TensorData.of(values, ToyRows.LETTERS));
      file.write(frozen);
      Files.writeString(recipe, RECIPE.formatted(frozen, home.resolve("run")));
    }
    return ToyRecipe.read(recipe, overrides);
  }

  /// Weights that stay in their file are in no checkpoint, and another file is refused.
  @Test
  void frozenWeightsStayInTheirFile(@TempDir Path folder) throws IOException {
    RunSettings settings = recipe(folder, List.of("schedule.length=2 steps"));
    try (RunFolder run = RunFolder.open(settings.output().dir(), false)) {
      new Run(settings, run, "test", () -> false)
          .run((place, start, data) -> new SmallRun.Notes().beside(log(place, start)));
      try (StoredTensors saved =
          SafetensorsFile.open(run.checkpoints().resolve("step-00000002/model.safetensors"))) {
        assertThat(saved.names()).containsExactlyInAnyOrder(ToyLearner.WORD, ToyLearner.IMAGE);
      }
      Path frozen = folder.resolve("frozen.safetensors");
      byte[] other = Files.readAllBytes(frozen);
      other[other.length - 1] ^= 1;
      Files.write(frozen, other);
      RunSettings longer = recipe(folder, List.of("schedule.length=4 steps"));
      assertThatThrownBy(
              () ->
                  new Run(longer, run, "test", () -> false)
                      .run((place, start, data) -> new SmallRun.Notes().beside(log(place, start))))
          .hasMessageContaining("frozen has other weights than this run began with");
    }
  }

  private static RunLog log(RunFolder place, CheckpointState start) throws IOException {
    return RunLog.open(place.log(), start.step(), start.lastEvaluatedStep());
  }

  /// Its losses are computed on the host, of weights that it reads each time.
  @Override
  int waitsOfAStep() {
    return 7;
  }
}
