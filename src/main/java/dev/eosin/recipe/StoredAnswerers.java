package dev.eosin.recipe;

import dev.eosin.config.DataException;
import dev.eosin.config.RecipeException;
import dev.eosin.language.StoredAnswerer;
import dev.eosin.language.StoredLanguage;
import dev.eosin.vllm.StoredVisionLanguage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Opens whatever is stored and answers: each family's runs, and folders of others.
public final class StoredAnswerers {
  private StoredAnswerers() {}

  /// Opens a model as what it is.
  ///
  /// @throws DataException naming what is missing, broken, another model's, or not computed here
  public static StoredAnswerer open(StoredLanguage.Wanted wanted) throws IOException {
    Path recipe = wanted.path().resolve("recipe.yaml");
    if (!Files.exists(recipe)) {
      return StoredVisionLanguage.at(wanted.path())
          ? StoredVisionLanguage.open(wanted)
          : StoredLanguage.open(wanted);
    }
    return switch (read(recipe)) {
      case LanguageRecipe _ -> StoredLanguage.open(wanted);
      case QFormerInstructRecipe instruct -> StoredImageAnswerer.open(wanted, instruct);
      case VisionLanguageRecipe _ -> VisionLanguageRun.at(wanted.path()).orElseThrow();
      case AlbefRecipe _, ClipRecipe _, QFormerAlignRecipe _ ->
          throw new DataException(
              wanted.path()
                  + ": is a run of a model that answers nothing; name one of kind language,"
                  + " qformer-instruct or vllm");
    };
  }

  private static Training read(Path recipe) throws DataException {
    try {
      return Training.read(recipe, List.of());
    } catch (RecipeException e) {
      throw new DataException(
          "%s: the stored recipe cannot be read: %s"
              .formatted(recipe, e.problems().getFirst().message()),
          e);
    }
  }
}
