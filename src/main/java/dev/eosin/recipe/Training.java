package dev.eosin.recipe;

import dev.eosin.config.RecipeFile;
import dev.eosin.config.ResolvedRecipe;
import dev.eosin.experiment.RunSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A recipe that trains a model: one record for each family.
public sealed interface Training extends Recipe, RunSettings
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

  /// Reads and checks a recipe of a training. A length in epochs is counted in its data, which is
  /// opened for it.
  ///
  /// @param overrides `key=value`, later ones win
  /// @throws dev.eosin.config.RecipeException with everything that is wrong
  static Training read(Path file, List<String> overrides) {
    Optional<Epochs> epochs = Epochs.of(RecipeFile.read(file, overrides));
    if (epochs.isEmpty()) {
      return Recipe.read(file, overrides, Training.class);
    }
    List<String> all = new ArrayList<>(overrides);
    all.add(epochs.get().inSteps(file, overrides));
    return Recipe.read(file, all, Training.class);
  }
}
