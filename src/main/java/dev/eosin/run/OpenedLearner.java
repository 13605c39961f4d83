package dev.eosin.run;

import dev.eosin.checkpoint.CheckpointState;
import dev.eosin.data.batches.Batch;
import dev.eosin.data.opened.DataSets;
import dev.eosin.experiment.Opened;
import dev.eosin.experiment.RunSettings;
import dev.eosin.group.Group;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Parameter;
import dev.eosin.train.Learner;
import dev.eosin.train.LossScaling;
import dev.eosin.train.Updater;
import dev.eosin.train.optimisers.Optimiser;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A recipe's learner and optimiser without a run folder: takes steps on batches and at rates that
/// the caller chooses. Nothing is written.
public final class OpenedLearner implements AutoCloseable {
  private final Opened opened;
  private final Optimiser optimiser;
  private final Updater updater;
  private final List<String> notes;
  private long steps;

  private OpenedLearner(RunSettings recipe, Opened opened, Optimiser optimiser) throws IOException {
    this.opened = opened;
    this.optimiser = optimiser;
    this.notes = opened.begin();
    this.updater =
        new Updater(
            opened.learner(),
            optimiser,
            Optional.empty(),
            Group.ALONE,
            LossScaling.of(
                opened.learner().compute(), CheckpointState.beginning(recipe.seed(), Map.of())));
  }

  /// Starts the engine and fills in the recipe's first weights.
  ///
  /// @throws IOException when the weights are at fault
  public static OpenedLearner open(RunSettings asked, DataSets data) throws IOException {
    MicroBatch pairs = MicroBatch.of(asked, Optional.empty());
    RunSettings recipe = pairs.recipe();
    Engine engine = recipe.compute().start();
    Opened opened = recipe.experiment().open(engine, data);
    try {
      Optimiser optimiser = Optimisers.of(recipe, opened);
      try {
        return new OpenedLearner(recipe, opened, optimiser);
      } catch (IOException | RuntimeException | Error e) {
        optimiser.close();
        throw e;
      }
    } catch (IOException | RuntimeException | Error e) {
      opened.close();
      throw e;
    }
  }

  public Learner learner() {
    return opened.learner();
  }

  /// What a user should know about the first weights.
  public List<String> notes() {
    return notes;
  }

  /// Weights that are trained.
  public long trained() {
    return elements(optimiser.parameters());
  }

  /// All weights.
  public long weights() {
    return elements(opened.learner().parameters().all());
  }

  private static long elements(Collection<Parameter> parameters) {
    return parameters.stream().mapToLong(parameter -> parameter.master().elements()).sum();
  }

  /// Steps left out so far because a gradient was not finite at the loss scale of fp16.
  public long skippedSteps() {
    return updater.scaling().skippedSteps();
  }

  /// One update at a rate, or none where a gradient is not finite: the loss scale is lower then.
  ///
  /// @return the loss before it; not a number where a gradient was not finite at any scale
  public double step(Batch batch, double rate) {
    steps++;
    Updater.Outcome done = updater.step(batch, rate, steps, value -> {}, phase -> {});
    return done.applied() || done.left().isPresent() ? done.losses().total() : Double.NaN;
  }

  @Override
  public void close() {
    optimiser.close();
    opened.close();
  }
}
