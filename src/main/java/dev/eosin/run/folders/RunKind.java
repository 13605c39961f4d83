package dev.eosin.run.folders;

import dev.eosin.config.DataException;
import dev.eosin.config.RecipeException;
import dev.eosin.config.RecipeFile;
import dev.eosin.config.ResolvedRecipe;
import dev.eosin.recipe.models.StoredRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// What the stored recipe of a run says first, for who has to know before anything else is opened.
public final class RunKind {
  private RunKind() {}

  /// `kind` of the run, or of the run that a checkpoint is of; empty where a path is no run's.
  ///
  /// @throws DataException when the recipe cannot be read
  public static Optional<String> of(Path path) throws DataException {
    return value(path, "kind");
  }

  /// What there is to say of graphs of a run that did not compute in fp32.
  ///
  /// @throws DataException when the recipe cannot be read
  public static Optional<String> narrow(Path path) throws DataException {
    return value(path, "precision")
        .filter(precision -> !precision.equals("fp32"))
        .map(
            "the run computed with precision: %s; the graphs are made of its fp32 weights and compared with them in fp32"
                ::formatted);
  }

  private static Optional<String> value(Path path, String key) throws DataException {
    Optional<Path> recipe = recipe(path);
    if (recipe.isEmpty()) {
      return Optional.empty();
    }
    try {
      return ResolvedRecipe.stored(RecipeFile.read(recipe.get(), List.of())).value(key);
    } catch (RecipeException e) {
      throw new DataException(
          "%s: the stored recipe cannot be read: %s"
              .formatted(recipe.get(), e.problems().getFirst().message()),
          e);
    }
  }

  private static Optional<Path> recipe(Path path) {
    if (!Files.isDirectory(path)) {
      return Optional.empty();
    }
    Path own = path.resolve(StoredRun.RECIPE);
    Path above = path.toAbsolutePath().normalize().resolve("../..").normalize();
    Path ofRun = above.resolve(StoredRun.RECIPE);
    if (Files.exists(own)) {
      return Optional.of(own);
    }
    boolean checkpoint =
        path.toAbsolutePath().normalize().startsWith(above.resolve("checkpoints"))
            && Files.exists(ofRun);
    return checkpoint ? Optional.of(ofRun) : Optional.empty();
  }

  /// Of a path its last name: the folders above are nobody else's business.
  public static String name(Path path) {
    Path last = path.toAbsolutePath().normalize().getFileName();
    return last == null ? path.toString() : last.toString();
  }
}
