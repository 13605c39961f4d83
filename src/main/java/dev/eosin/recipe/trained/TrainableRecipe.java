package dev.eosin.recipe.trained;

import dev.eosin.config.RecipeFile;
import dev.eosin.config.ResolvedRecipe;
import dev.eosin.data.settings.BatchSettings;
import dev.eosin.data.settings.SideSettings;
import dev.eosin.experiment.Experiment;
import dev.eosin.experiment.RunSettings;
import dev.eosin.recipe.Training;
import dev.eosin.train.BestSettings;
import dev.eosin.train.EmaSettings;
import dev.eosin.train.EvaluationSettings;
import dev.eosin.train.OutputSettings;
import dev.eosin.train.ScheduleSettings;
import dev.eosin.train.StopEarlySettings;
import dev.eosin.train.logs.LoggingSettings;
import dev.eosin.train.machine.ComputeSettings;
import dev.eosin.train.machine.Precision;
import dev.eosin.train.optimisers.OptimizerSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A recipe of a training, of whatever family, with what it trains: what a run takes.
public record TrainableRecipe(Training recipe) implements RunSettings {
  /// Reads and checks a recipe of a training. A length in epochs is counted in its data, which is
  /// opened for it.
  ///
  /// @param overrides `key=value`, later ones win
  /// @throws dev.eosin.config.RecipeException with everything that is wrong
  public static TrainableRecipe read(Path file, List<String> overrides) {
    Optional<Epochs> epochs = Epochs.of(RecipeFile.read(file, overrides));
    List<String> all = new ArrayList<>(overrides);
    epochs.ifPresent(length -> all.add(length.inSteps(file, overrides)));
    return new TrainableRecipe(Training.read(file, all));
  }

  @Override
  public Experiment experiment() {
    return Experiments.of(recipe);
  }

  @Override
  public TrainableRecipe withBatch(BatchSettings other) {
    return new TrainableRecipe(recipe.withBatch(other));
  }

  @Override
  public TrainableRecipe withCompute(ComputeSettings other) {
    return new TrainableRecipe(recipe.withCompute(other));
  }

  @Override
  public long seed() {
    return recipe.seed();
  }

  @Override
  public ComputeSettings compute() {
    return recipe.compute();
  }

  @Override
  public SideSettings data() {
    return recipe.data();
  }

  @Override
  public BatchSettings batch() {
    return recipe.batch();
  }

  @Override
  public OptimizerSettings optimizer() {
    return recipe.optimizer();
  }

  @Override
  public ScheduleSettings schedule() {
    return recipe.schedule();
  }

  @Override
  public Optional<EmaSettings> ema() {
    return recipe.ema();
  }

  @Override
  public Precision precision() {
    return recipe.precision();
  }

  @Override
  public List<? extends EvaluationSettings> evaluate() {
    return recipe.evaluate();
  }

  @Override
  public Optional<BestSettings> best() {
    return recipe.best();
  }

  @Override
  public Optional<StopEarlySettings> stopEarly() {
    return recipe.stopEarly();
  }

  @Override
  public OutputSettings output() {
    return recipe.output();
  }

  @Override
  public LoggingSettings logging() {
    return recipe.logging();
  }

  @Override
  public ResolvedRecipe resolved() {
    return recipe.resolved();
  }

  @Override
  public String rowsAre() {
    return recipe.rowsAre();
  }
}
