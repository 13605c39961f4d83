package dev.eosin.cli.terminal;

import dev.eosin.recipe.Recipe;
import dev.eosin.recipe.Training;
import dev.eosin.recipe.trained.TrainableRecipe;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Parameters;

/// The arguments of every command that works on one recipe.
public final class RecipeArguments {
  @Parameters(index = "0", paramLabel = "RECIPE", description = "A YAML file.")
  private Path file = Path.of("");

  @Parameters(
      index = "1..*",
      arity = "0..*",
      paramLabel = "KEY=VALUE",
      description = "Replaces a value of the recipe.")
  private List<String> overrides = new ArrayList<>();

  public Path file() {
    return file;
  }

  /// The recipe with its overrides.
  ///
  /// @throws dev.eosin.config.RecipeException with everything that is wrong
  public TrainableRecipe read() {
    return new TrainableRecipe(read(Training.class));
  }

  /// The recipe of another job, with its overrides.
  ///
  /// @throws dev.eosin.config.RecipeException with everything that is wrong
  public <T extends Recipe> T read(Class<T> job) {
    return Recipe.read(file, overrides, job);
  }
}
