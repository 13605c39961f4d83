package dev.eosin.recipe;

import dev.eosin.train.machine.ComputeSettings;
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

  /// Where each of several ranks computes.
  ///
  /// @throws dev.eosin.config.MachineException where several ranks have nothing to share
  ComputeSettings ofRanks();

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
