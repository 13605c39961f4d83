package dev.eosin.recipe.models;

import dev.eosin.clip.ModelSettings;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.clip.stored.ClipWeights;
import dev.eosin.clip.stored.OtherArchitecture;
import dev.eosin.clip.stored.StartingWeights;
import dev.eosin.config.DataException;
import dev.eosin.config.Place;
import dev.eosin.config.Problem;
import dev.eosin.config.RecipeException;
import dev.eosin.recipe.ClipRecipe;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Opens the weights that a recipe names, and compares them with its model; where they are of
/// another architecture, the problem is told at the key that names them.
public final class LocatedWeights {
  private static final Path RECIPE = Path.of("the recipe");

  private LocatedWeights() {}

  /// The weights that training starts from; empty for random ones.
  ///
  /// @param spec the architecture with the recipe's input sizes
  /// @throws RecipeException when they are of another architecture
  /// @throws DataException when they cannot be read
  static Optional<StartingWeights> first(ClipRecipe recipe, ClipSpec spec) throws DataException {
    return open(recipe.firstModel(), spec, firstKey(recipe));
  }

  /// Compares them with the architecture; reads no values.
  ///
  /// @throws RecipeException when they are of another architecture
  /// @throws DataException listing every missing, unknown and misfitting tensor
  static void checkFirst(ClipRecipe recipe, ClipSpec spec, StartingWeights weights)
      throws DataException {
    check(spec, weights, firstKey(recipe));
  }

  private static String firstKey(ClipRecipe recipe) {
    return recipe.initialiseFrom().isPresent() ? "initialise-from" : "model.weights";
  }

  /// The weights of any model.
  ///
  /// @param key of the recipe that names them
  public static Optional<StartingWeights> open(ModelSettings model, ClipSpec spec, String key)
      throws DataException {
    try {
      return StartingWeights.open(model, spec);
    } catch (OtherArchitecture other) {
      throw located(key, other);
    }
  }

  /// Compares weights of any model with its architecture; reads no values.
  ///
  /// @param key of the recipe that names them
  public static void check(ClipSpec spec, StartingWeights weights, String key)
      throws DataException {
    try {
      ClipWeights.check(spec, weights.layout(), weights.file());
    } catch (OtherArchitecture other) {
      throw located(key, other);
    }
  }

  private static RecipeException located(String key, OtherArchitecture other) {
    String message = String.valueOf(other.getMessage());
    return new RecipeException(RECIPE, List.of(new Problem(new Place.Whole(RECIPE), key, message)));
  }
}
