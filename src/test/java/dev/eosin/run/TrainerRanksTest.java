package dev.eosin.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.checkpoint.CheckpointState;
import dev.eosin.checkpoint.CheckpointStore;
import dev.eosin.config.Steps;
import dev.eosin.data.batches.BatchLoader;
import dev.eosin.data.batches.BatchShare;
import dev.eosin.data.opened.DataSets;
import dev.eosin.data.shard.LostShardException;
import dev.eosin.experiment.Opened;
import dev.eosin.group.Group;
import dev.eosin.group.LocalRanks;
import dev.eosin.random.RandomKey;
import dev.eosin.recipe.trained.TrainableRecipe;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Tensor;
import dev.eosin.train.Better;
import dev.eosin.train.Cadence;
import dev.eosin.train.Evaluation;
import dev.eosin.train.EvaluationReport;
import dev.eosin.train.RankedBy;
import dev.eosin.train.Ranking;
import dev.eosin.train.Scheduled;
import dev.eosin.train.Trainer;
import dev.eosin.train.TrainingObservers;
import dev.eosin.train.optimisers.Optimiser;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// No rank goes on, or meets the others, alone.
class TrainerRanksTest {
  private static final Ranking LOWEST =
      new Ranking(Optional.of(new RankedBy("asked", "loss", Better.LOWER)), Optional.empty());

  /// An evaluation of a rank.
  private interface Asked {
    Evaluation on(Group group, Engine engine);
  }

  @TempDir private Path home;
  private SmallRun run;

  @BeforeEach
  void write() throws IOException {
    run = SmallRun.in(home);
  }

  private CheckpointState train(Group group, Asked asked) throws IOException {
    TrainableRecipe recipe = TrainableRecipe.read(run.recipe(), List.of("schedule.length=4 steps"));
    DataSets data = recipe.experiment().data();
    Engine engine = recipe.compute().start();
    var share = new BatchShare(recipe.batch().global(), group.rank(), group.size());
    Cadence atEach = new Cadence(new Steps(1), recipe.schedule().length());
    try (Opened opened = recipe.experiment().open(engine, data, group);
        Optimiser optimiser = Optimisers.of(recipe, opened, group);
        BatchLoader batches =
            data.sharedBatches(new RandomKey(recipe.seed()), recipe.batch(), share, 0)) {
      opened.begin();
      var parts =
          new Trainer.Parts(
              opened.learner(),
              optimiser,
              Optional.empty(),
              recipe.schedule(),
              recipe.optimizer().lr(),
              batches,
              List.of(new Scheduled(asked.on(group, engine), atEach, Optional.empty())),
              new CheckpointStore(run.folder().resolve("checkpoints"), 9, "test"),
              new Cadence(new Steps(0), recipe.schedule().length()),
              LOWEST,
              new TrainingObservers(List.of()),
              () -> false,
              group);
      var trainer = new Trainer(parts, CheckpointState.beginning(recipe.seed(), Map.of()));
      assertThat(trainer.run()).isEqualTo(Trainer.End.FINISHED);
      return trainer.state();
    }
  }

  private static Optional<EvaluationReport> report(long step, double loss) {
    return Optional.of(new EvaluationReport(step, "asked", Map.of("loss", loss)));
  }

  /// As where an evaluation runs whole on unlike machines: the last digits differ.
  @Test
  void theFirstRankSaysWhichWeightsAreTheBest() throws Exception {
    List<CheckpointState> ends =
        LocalRanks.run(
            2,
            group ->
                train(
                    group,
                    (rank, engine) -> step -> report(step, rank.isFirst() ? 3 - step : 3 + step)));
    assertThat(ends.get(0).best().orElseThrow().step()).isEqualTo(4);
    assertThat(ends.get(1).best().orElseThrow().step()).isZero();
    assertThat(run.checkpointSteps()).containsExactly(0L, 1L, 2L, 3L, 4L);
  }

  private void losesItsShard(int loser) {
    assertThatThrownBy(
            () ->
                LocalRanks.run(
                    2,
                    group ->
                        train(group, (rank, engine) -> step -> loses(rank, engine, step, loser))))
        .isInstanceOf(LostShardException.class)
        .hasMessage("gone from rank " + loser)
        .hasNoSuppressedExceptions();
  }

  /// In the third evaluation, while the other rank waits for its part of the figures.
  private static Optional<EvaluationReport> loses(Group group, Engine engine, long step, int loser)
      throws LostShardException {
    if (step == 2 && group.rank() == loser) {
      throw new LostShardException("gone from rank " + loser);
    }
    try (Tensor own = engine.of(new float[] {1}, 1)) {
      group.sum(List.of(own)).forEach(Tensor::close);
    }
    return report(step, step == 0 ? 1 : 2);
  }

  @Test
  void aShardThatVanishesInAnEvaluationEndsAllAndTheFirstRankSaves() throws Exception {
    losesItsShard(0);
    assertThat(run.checkpointSteps()).containsExactly(0L, 2L);
  }

  @Test
  void aShardThatVanishesInAnEvaluationOfAFurtherRankEndsAll() throws Exception {
    losesItsShard(1);
    assertThat(run.checkpointSteps()).containsExactly(0L);
  }
}
