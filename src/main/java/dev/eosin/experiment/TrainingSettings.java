package dev.eosin.experiment;

import dev.eosin.config.ResolvedRecipe;
import dev.eosin.data.settings.BatchSettings;
import dev.eosin.data.settings.SideSettings;
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
import java.util.List;
import java.util.Optional;

/// What the recipe of every training says, whatever it trains: all that a run itself obeys.
public interface TrainingSettings {
  /// Root of all randomness.
  long seed();

  ComputeSettings compute();

  SideSettings data();

  BatchSettings batch();

  OptimizerSettings optimizer();

  ScheduleSettings schedule();

  Optional<EmaSettings> ema();

  Precision precision();

  /// In the order they run in.
  List<? extends EvaluationSettings> evaluate();

  /// Which weights are the best; the family's own choice without it.
  default Optional<BestSettings> best() {
    return Optional.empty();
  }

  /// Whether the run may end before its schedule.
  default Optional<StopEarlySettings> stopEarly() {
    return Optional.empty();
  }

  OutputSettings output();

  LoggingSettings logging();

  /// Everything with nothing left to default, as the run folder keeps it.
  ResolvedRecipe resolved();

  /// What a batch is made of, in the plural, for people.
  default String rowsAre() {
    return "images";
  }

  /// The same with another batch.
  TrainingSettings withBatch(BatchSettings other);

  /// The same, computed otherwise.
  TrainingSettings withCompute(ComputeSettings other);
}
