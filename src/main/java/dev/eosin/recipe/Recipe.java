package dev.eosin.recipe;

import dev.eosin.config.Binder;
import dev.eosin.config.Doc;
import dev.eosin.config.Problem;
import dev.eosin.config.RecipeException;
import dev.eosin.config.RecipeFile;
import dev.eosin.config.ResolvedRecipe;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A whole experiment; the key `kind` chooses which one.
@Doc("A whole experiment.")
public sealed interface Recipe permits Training, Preparation, Evaluation {
  /// Reads and checks a recipe.
  ///
  /// @param overrides `key=value`, later ones win
  /// @throws dev.eosin.config.RecipeException with everything that is wrong
  static Recipe read(Path file, List<String> overrides) {
    return Binder.bind(RecipeFile.read(file, overrides), Recipe.class);
  }

  /// Reads and checks a recipe of some kinds.
  ///
  /// @param overrides `key=value`, later ones win
  /// @param job the kinds, such as `Training`
  /// @throws RecipeException with everything that is wrong; for a recipe of another job with the
  ///   command that runs it
  static <T extends Recipe> T read(Path file, List<String> overrides, Class<T> job) {
    RecipeFile recipe = RecipeFile.read(file, overrides);
    Optional<Class<?>> kind = Binder.kind(recipe, Recipe.class);
    if (kind.isPresent() && !job.isAssignableFrom(kind.get())) {
      String message =
          "this command runs no such recipe; 'eosin %s' does".formatted(command(kind.get()));
      throw new RecipeException(file, List.of(new Problem(recipe.place("kind"), "kind", message)));
    }
    return Binder.bind(recipe, job);
  }

  private static String command(Class<?> kind) {
    if (Training.class.isAssignableFrom(kind)) {
      return "train";
    }
    return Preparation.class.isAssignableFrom(kind) ? "prepare" : "evaluate";
  }

  /// Root of all randomness.
  long seed();

  /// The folder that it writes to.
  Path folder();

  /// With nothing left to default, as a run folder keeps it.
  default ResolvedRecipe resolved() {
    return ResolvedRecipe.of(this, Recipe.class);
  }
}
