package dev.eosin.recipe;

import dev.eosin.config.MachineException;
import dev.eosin.group.Group;
import dev.eosin.recipe.found.OpenedEvaluation;
import dev.eosin.train.machine.ComputeSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// A recipe that measures a stored model, or what it answered: one record for each kind.
public sealed interface Evaluation extends Recipe
    permits ActivationProbeRecipe,
        ClipEvaluationRecipe,
        RetrievalRecipe,
        ReviseEvaluationRecipe,
        SlideEvaluationRecipe,
        TileEvaluationRecipe,
        VqaEvaluationRecipe {
  /// Where its results go.
  OutputFolder output();

  /// Whether something is asked for long, so that it stops and goes on; others end at once.
  default boolean asks() {
    return false;
  }

  /// Opens what is measured, with the engine where one is needed.
  ///
  /// @throws dev.eosin.config.RecipeException when parts of the recipe do not fit each other
  /// @throws IOException when data or weights are at fault
  /// @throws dev.eosin.config.MachineException when the device cannot be used
  OpenedEvaluation open() throws IOException;

  /// As above, to be measured by several ranks: of what is embedded each rank has a part, and no
  /// sample is left out or counted twice.
  ///
  /// @throws dev.eosin.config.MachineException where a kind of evaluation needs one process
  default OpenedEvaluation open(Group group) throws IOException {
    if (group.size() > 1) {
      ofRanks();
    }
    return open();
  }

  /// Where each of several ranks computes.
  ///
  /// @throws dev.eosin.config.MachineException where a kind of evaluation needs one process
  default ComputeSettings ofRanks() {
    throw new MachineException(
        "this kind of evaluation computes from stored features, in one process; leave --ranks and mpirun out");
  }

  @Override
  default Path folder() {
    return output().dir();
  }

  /// Reads and checks a recipe of an evaluation.
  ///
  /// @param overrides `key=value`, later ones win
  /// @throws dev.eosin.config.RecipeException with everything that is wrong
  static Evaluation read(Path file, List<String> overrides) {
    return Recipe.read(file, overrides, Evaluation.class);
  }
}
