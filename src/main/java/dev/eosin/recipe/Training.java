package dev.eosin.recipe;

import dev.eosin.config.ResolvedRecipe;
import dev.eosin.data.settings.BatchSettings;
import dev.eosin.experiment.TrainingSettings;
import dev.eosin.train.machine.ComputeSettings;
import java.nio.file.Path;
import java.util.List;

/// A recipe that trains a model: one record for each family.
public sealed interface Training extends Recipe, TrainingSettings
    permits AlbefRecipe,
        ClipRecipe,
        LanguageRecipe,
        QFormerAlignRecipe,
        QFormerInstructRecipe,
        VisionLanguageRecipe {
  @Override
  default ResolvedRecipe resolved() {
    return Recipe.super.resolved();
  }

  @Override
  default Path folder() {
    return output().dir();
  }

  /// Reads and checks the recipe of a run, whose length is in updates.
  ///
  /// @param overrides `key=value`, later ones win
  /// @throws dev.eosin.config.RecipeException with everything that is wrong
  static Training read(Path file, List<String> overrides) {
    return Recipe.read(file, overrides, Training.class);
  }

  @Override
  Training withBatch(BatchSettings other);

  @Override
  Training withCompute(ComputeSettings other);
}
