package dev.eosin.run.folders;

import dev.eosin.config.Binder;
import dev.eosin.config.DataException;
import dev.eosin.config.RecipeFile;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.FileContent;
import dev.eosin.recipe.Recipe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The output folder of a recipe that trains nothing: its resolved recipe lies beside its results.
public final class ResultsFolder {
  private ResultsFolder() {}

  /// Refuses a folder with the recipe of another job, such as a run's, which would be lost.
  ///
  /// @param job whose results may be there, such as `Preparation`
  /// @throws DataException when another one's are
  public static void requireNoOther(Path folder, Class<? extends Recipe> job) throws DataException {
    Path kept = RunFolder.recipe(folder);
    if (Files.exists(kept)
        && Binder.kind(RecipeFile.read(kept, List.of()), Recipe.class)
            .filter(job::isAssignableFrom)
            .isEmpty()) {
      throw new DataException(
          "%s: belongs to something else than this recipe would write there; choose another output.dir"
              .formatted(kept));
    }
  }

  /// Leaves the resolved recipe in the folder.
  public static void keep(Recipe recipe) throws DataException {
    AtomicFile.write(RunFolder.recipe(recipe.folder()), FileContent.text(recipe.resolved().text()));
  }
}
