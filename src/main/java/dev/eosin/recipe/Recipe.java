package dev.eosin.recipe;

import dev.eosin.config.Binder;
import dev.eosin.config.Doc;
import dev.eosin.config.RecipeFile;
import dev.eosin.config.ResolvedRecipe;
import dev.eosin.train.OutputSettings;
import java.nio.file.Path;
import java.util.List;

/// A whole experiment; the key `kind` chooses which one.
@Doc("A whole experiment.")
public sealed interface Recipe permits Training {
  /// Reads and checks a recipe.
  ///
  /// @param overrides `key=value`, later ones win
  /// @throws dev.eosin.config.RecipeException with everything that is wrong
  static Recipe read(Path file, List<String> overrides) {
    return Binder.bind(RecipeFile.read(file, overrides), Recipe.class);
  }

  /// Root of all randomness.
  long seed();

  /// Where it writes to.
  OutputSettings output();

  /// With nothing left to default, as a run folder keeps it.
  default ResolvedRecipe resolved() {
    return ResolvedRecipe.of(this, Recipe.class);
  }
}
