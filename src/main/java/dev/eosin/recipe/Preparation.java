package dev.eosin.recipe;

import dev.eosin.config.DataException;
import dev.eosin.prepare.PreparationSettings;
import dev.eosin.prepare.RowPreparation;
import java.nio.file.Path;
import java.util.List;

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

  /// What becomes of each row; closed by who asks for it.
  ///
  /// @throws DataException when something that it needs is missing, such as the address of a
  ///   service
  RowPreparation preparation() throws DataException;

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
