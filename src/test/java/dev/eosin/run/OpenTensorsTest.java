package dev.eosin.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.checkpoint.CheckpointState;
import dev.eosin.checkpoint.CheckpointStore;
import dev.eosin.config.Steps;
import dev.eosin.data.batches.BatchLoader;
import dev.eosin.data.opened.DataSets;
import dev.eosin.experiment.Extent;
import dev.eosin.experiment.Opened;
import dev.eosin.group.Group;
import dev.eosin.random.RandomKey;
import dev.eosin.recipe.trained.TrainableRecipe;
import dev.eosin.tensor.Engine;
import dev.eosin.train.Cadence;
import dev.eosin.train.EvaluationReport;
import dev.eosin.train.OptionalAverage;
import dev.eosin.train.Ranking;
import dev.eosin.train.StepReport;
import dev.eosin.train.Trainer;
import dev.eosin.train.TrainingObserver;
import dev.eosin.train.optimisers.Optimiser;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
    TrainableRecipe recipe = TrainableRecipe.read(run.recipe(), List.of(override));
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
      TrainableRecipe recipe, Engine engine, SmallRun run, TrainingObserver observer)
      throws IOException {
    DataSets data = recipe.experiment().data();
    var key = new RandomKey(recipe.seed());
    try (Opened opened = recipe.experiment().open(engine, data);
        Optimiser optimiser = Optimisers.of(recipe, opened);
        OptionalAverage average = OptionalAverage.of(recipe.ema(), opened.learner().parameters());
        BatchLoader batches = data.previewBatches(key, recipe.batch(), recipe.batch().global())) {
      opened.begin();
      var parts =
          new Trainer.Parts(
              opened.learner(),
              optimiser,
              average.average(),
              recipe.schedule(),
              recipe.optimizer().lr(),
              batches,
              average.evaluating(opened.evaluations(Extent.WHOLE, () -> false)),
              new CheckpointStore(run.folder().resolve("checkpoints"), 1, "test"),
              new Cadence(new Steps(5), recipe.schedule().length()),
              Ranking.OF_FAMILY,
              observer,
              () -> false,
              Group.ALONE);
      CheckpointState start = CheckpointState.beginning(recipe.seed(), Map.of());
      assertThat(new Trainer(parts, start).run()).isEqualTo(Trainer.End.FINISHED);
    }
  }
}
