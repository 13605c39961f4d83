package dev.eosin.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.checkpoint.CheckpointState;
import dev.eosin.checkpoint.CheckpointStore;
import dev.eosin.clip.Clip;
import dev.eosin.clip.ClipEncoder;
import dev.eosin.clip.ClipInputs;
import dev.eosin.clip.ClipStep;
import dev.eosin.clip.ClipTrainer;
import dev.eosin.clip.PairLoss;
import dev.eosin.config.Steps;
import dev.eosin.data.BatchLoader;
import dev.eosin.data.DataSets;
import dev.eosin.random.RandomKey;
import dev.eosin.tensor.Engine;
import dev.eosin.train.AdamW;
import dev.eosin.train.Cadence;
import dev.eosin.train.EvaluationReport;
import dev.eosin.train.StepReport;
import dev.eosin.train.TrainingObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A tensor that is not closed is memory that no garbage collector gives back.
class OpenTensorsTest {
  /// Counts after every step and evaluation.
  private record Counting(Engine engine, List<Long> open) implements TrainingObserver {
    @Override
    public void step(StepReport report) {
      open.add(engine.openTensors());
    }

    @Override
    public void evaluation(EvaluationReport report) {
      open.add(engine.openTensors());
    }

    @Override
    public void note(String message) {}

    @Override
    public void close() {}
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "precision=fp32",
        "precision=bf16",
        "batch.micro=3",
        "lock.image-tower.unlocked-groups=1",
        "ema.decay=0.9"
      })
  void stepsEvaluationsAndCheckpointsLeaveNoneOpen(String override, @TempDir Path home)
      throws IOException {
    SmallRun run = SmallRun.in(home);
    ClipRecipe recipe = (ClipRecipe) Recipe.read(run.recipe(), List.of(override));
    Engine engine = recipe.compute().start();
    var counting = new Counting(engine, new ArrayList<>());
    long before = engine.openTensors();

    train(recipe, engine, run, counting);

    assertThat(counting.open)
        .hasSizeGreaterThan(SmallRun.LENGTH)
        .containsOnly(counting.open.get(0));
    assertThat(counting.open.get(0)).isGreaterThan(before);
    assertThat(engine.openTensors()).isEqualTo(before);
  }

  private static void train(
      ClipRecipe recipe, Engine engine, SmallRun run, TrainingObserver observer)
      throws IOException {
    DataSets data = ClipModels.openData(recipe);
    var key = new RandomKey(recipe.seed());
    try (Clip clip = ClipModels.allocate(recipe, engine, data.tokenizer());
        AdamW optimiser = ClipModels.optimiser(recipe, clip);
        OptionalAverage average = OptionalAverage.of(recipe.ema(), clip.parameters());
        ClipInputs inputs =
            new ClipInputs(
                engine,
                recipe.precision().compute(engine.device()),
                recipe.data().image().normalisation());
        BatchLoader batches = data.previewBatches(key, recipe.batch(), recipe.batch().global())) {
      ClipModels.firstWeights(recipe, clip);
      int atOnce = recipe.batch().atOnce();
      var encoder = new ClipEncoder(clip, inputs, data.tokenizer(), PairLoss.CONTRASTIVE, atOnce);
      var parts =
          new ClipTrainer.Parts(
              clip,
              optimiser,
              average.average(),
              recipe.schedule(),
              recipe.optimizer().lr(),
              batches,
              inputs,
              ClipStep.of(clip, PairLoss.CONTRASTIVE, recipe.batch().global(), atOnce),
              average.evaluating(
                  new ClipEvaluations(recipe, data, encoder, key, Integer.MAX_VALUE, () -> false)
                      .scheduled()),
              new CheckpointStore(run.folder().resolve("checkpoints"), 1, "test"),
              new Cadence(new Steps(5), recipe.schedule().length()),
              observer,
              () -> false);
      assertThat(new ClipTrainer(parts, start(recipe)).run()).isEqualTo(ClipTrainer.End.FINISHED);
    }
  }

  private static CheckpointState start(ClipRecipe recipe) {
    return new CheckpointState(
        0,
        0,
        0,
        recipe.seed(),
        OptionalLong.empty(),
        OptionalDouble.empty(),
        Optional.empty(),
        Map.of());
  }
}
