package dev.eosin.recipe;

import dev.eosin.tensor.Engine;
import dev.eosin.train.ComputeSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// A recipe that measures a stored model: one record for each family.
public sealed interface Evaluation extends Recipe permits ClipEvaluationRecipe {
  /// The device and its threads.
  ComputeSettings compute();

  /// Where its results go.
  OutputFolder output();

  /// Opens data and model on an engine.
  ///
  /// @throws dev.eosin.config.RecipeException when parts of the recipe do not fit each other
  /// @throws IOException when data or weights are at fault
  OpenedEvaluation open(Engine engine) throws IOException;

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
