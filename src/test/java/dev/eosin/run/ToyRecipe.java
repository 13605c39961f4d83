package dev.eosin.run;

import dev.eosin.config.Binder;
import dev.eosin.config.OrElse;
import dev.eosin.config.RecipeFile;
import dev.eosin.config.ResolvedRecipe;
import dev.eosin.config.Steps;
import dev.eosin.data.opened.DataSettings;
import dev.eosin.data.settings.BatchSettings;
import dev.eosin.experiment.Experiment;
import dev.eosin.experiment.RunSettings;
import dev.eosin.train.EmaSettings;
import dev.eosin.train.EvaluationSettings;
import dev.eosin.train.OutputSettings;
import dev.eosin.train.ScheduleSettings;
import dev.eosin.train.logs.LoggingSettings;
import dev.eosin.train.machine.ComputeSettings;
import dev.eosin.train.machine.Precision;
import dev.eosin.train.optimisers.OptimizerSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The recipe of the toy family: what every training says, and a file of frozen weights.
///
/// @param frozen weights that are used in place
public record ToyRecipe(
    long seed,
    @OrElse("{}") ComputeSettings compute,
    Path frozen,
    DataSettings data,
    BatchSettings batch,
    OptimizerSettings optimizer,
    ScheduleSettings schedule,
    Optional<EmaSettings> ema,
    Precision precision,
    @OrElse("[]") List<Evaluation> evaluate,
    OutputSettings output,
    @OrElse("{}") LoggingSettings logging)
    implements RunSettings {
  /// The mean loss over the validation data.
  public record Evaluation(String name, Steps every) implements EvaluationSettings {}

  public ToyRecipe {
    evaluate = List.copyOf(evaluate);
  }

  static ToyRecipe read(Path file, List<String> overrides) {
    return Binder.bind(RecipeFile.read(file, overrides), ToyRecipe.class);
  }

  @Override
  public ResolvedRecipe resolved() {
    return ResolvedRecipe.of(this, ToyRecipe.class);
  }

  @Override
  public ToyRecipe withBatch(BatchSettings other) {
    return new ToyRecipe(
        seed, compute, frozen, data, other, optimizer, schedule, ema, precision, evaluate, output,
        logging);
  }

  @Override
  public ToyRecipe withCompute(ComputeSettings other) {
    return new ToyRecipe(
        seed, other, frozen, data, batch, optimizer, schedule, ema, precision, evaluate, output,
        logging);
  }

  @Override
  public Experiment experiment() {
    return new ToyExperiment(this);
  }
}
