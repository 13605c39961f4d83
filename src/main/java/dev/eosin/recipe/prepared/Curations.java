package dev.eosin.recipe.prepared;

import dev.eosin.config.DataException;
import dev.eosin.curate.Curation;
import dev.eosin.curate.steps.CurationModels;
import dev.eosin.group.Group;
import dev.eosin.recipe.CurateRecipe;

/// Opens curations by a list of steps, with the models that steps ask.
public final class Curations {
  private Curations() {}

  /// As below, in a process alone; for programs that spread it over machines.
  ///
  /// @throws DataException when data or a model is missing, or the environment names no service
  public static Curation open(CurateRecipe recipe) throws DataException {
    return open(recipe, Group.ALONE);
  }

  /// @param group of ranks that share the rows
  /// @throws DataException when data or a model is missing, or the environment names no service
  static Curation open(CurateRecipe recipe, Group group) throws DataException {
    CurationModels models = new OpenedCurationModels(recipe.compute(), group);
    try {
      return Curation.open(recipe.curate(), models);
    } catch (DataException | RuntimeException | Error e) {
      models.close();
      throw e;
    }
  }
}
