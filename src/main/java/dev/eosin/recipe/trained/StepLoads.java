package dev.eosin.recipe.trained;

import dev.eosin.experiment.StepChoice;
import dev.eosin.experiment.TrainingSettings;
import dev.eosin.model.StepLoad;
import dev.eosin.nn.BlockExecution;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.train.optimisers.UpdateTiming;
import java.util.Map;
import java.util.Set;

/// What a memory plan makes of a recipe and of what it tries in the recipe's place: the same for
/// every family whose rows go through the model a few at a time.
final class StepLoads {
  private StepLoads() {}

  /// The type that is tried, or the recipe's.
  static DType compute(TrainingSettings recipe, Device device, StepChoice choice) {
    return choice.compute().orElseGet(() -> recipe.precision().compute(device));
  }

  /// @param execution of layers that are not computed again
  /// @param locked names of the weights that stay as they begin
  /// @param mapped bytes of the weights that are used in place in their files, by name
  static StepLoad of(
      TrainingSettings recipe,
      Device device,
      StepChoice choice,
      BlockExecution execution,
      Set<String> locked,
      Map<String, Long> mapped) {
    int every = choice.recomputes() ? 1 : recipe.compute().activations().every();
    return new StepLoad(
            device,
            compute(recipe, device, choice),
            execution.recomputing(every),
            choice.atOnce(recipe.batch().global(), recipe.batch().atOnce()),
            locked,
            mapped)
        .early(recipe.optimizer().updates() == UpdateTiming.EARLY)
        .sharded(recipe.compute().sharding().ofState(choice.ranks()));
  }
}
