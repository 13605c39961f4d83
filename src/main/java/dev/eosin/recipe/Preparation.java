package dev.eosin.recipe;

import dev.eosin.config.CountOrAuto;
import dev.eosin.config.MachineException;
import dev.eosin.prepare.PreparationSettings;
import dev.eosin.train.machine.ComputeSettings;
import dev.eosin.train.machine.Processor;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A recipe that prepares data row by row: one record for each kind.
public sealed interface Preparation extends Recipe
    permits PairsRecipe,
        CurateRecipe,
        TilesRecipe,
        CropsRecipe,
        MineRecipe,
        InstructionsRecipe,
        DegradeRecipe,
        SummariesRecipe,
        AgentsRecipe,
        CaptionsRecipe {
  /// Where its ledger and its results are.
  OutputFolder output();

  /// How rows are worked through.
  PreparationSettings work();

  /// The key of a service that is asked about rows; none where all is done by this machine.
  default Optional<String> service() {
    return Optional.empty();
  }

  /// Where it computes, if it does.
  default ComputeSettings compute() {
    return new ComputeSettings(Processor.CPU, new CountOrAuto.Auto());
  }

  /// Where each of several ranks computes.
  ///
  /// @throws MachineException where one process is needed
  default ComputeSettings ofRanks() {
    Optional<String> service = service();
    if (service.isPresent()) {
      throw new MachineException(
          "%s asks a service, whose pace and price one process watches, about as many rows at once as work.parallel says; leave --ranks and mpirun out"
              .formatted(service.get()));
    }
    var budget = work().budget();
    if (budget.calls().or(budget::tokens).isPresent() || budget.money().isPresent()) {
      throw new MachineException(
          "work.budget: calls, tokens and money are counted by one process; leave them out, or leave --ranks and mpirun out");
    }
    return compute();
  }

  @Override
  default Path folder() {
    return output().dir();
  }

  /// Reads and checks a recipe of a preparation.
  ///
  /// @param overrides `key=value`, later ones win
  /// @throws dev.eosin.config.RecipeException with everything that is wrong
  static Preparation read(Path file, List<String> overrides) {
    return Recipe.read(file, overrides, Preparation.class);
  }
}
