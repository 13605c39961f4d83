package dev.eosin.recipe.stored;

import dev.eosin.config.DataException;
import dev.eosin.config.RecipeException;
import dev.eosin.config.RecipeFile;
import dev.eosin.config.ResolvedRecipe;
import dev.eosin.export.ExportedFamily;
import dev.eosin.export.ExportedLanguage;
import dev.eosin.export.ExportedVisionLanguage;
import dev.eosin.language.stored.StoredAnswerer;
import dev.eosin.language.stored.StoredLanguage;
import dev.eosin.recipe.AlbefRecipe;
import dev.eosin.recipe.ClipRecipe;
import dev.eosin.recipe.LanguageRecipe;
import dev.eosin.recipe.QFormerAlignRecipe;
import dev.eosin.recipe.QFormerInstructRecipe;
import dev.eosin.recipe.Training;
import dev.eosin.recipe.VisionLanguageRecipe;
import dev.eosin.revise.CaptionReviser;
import dev.eosin.vllm.StoredVisionLanguage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Opens whatever is stored and answers: each family's runs, and folders of others.
public final class StoredAnswerers {
  private static final String LANGUAGE = "language";

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
    // What a language model's run leaves is whole: it answers whatever its recipe has become.
    if (kind(recipe).equals(Optional.of(LANGUAGE))) {
      return StoredLanguage.open(wanted);
    }
    return switch (read(recipe)) {
      case LanguageRecipe _ -> StoredLanguage.open(wanted);
      case QFormerInstructRecipe instruct -> StoredImageAnswerer.open(wanted, instruct);
      case VisionLanguageRecipe _ ->
          VisionLanguageRun.at(wanted.path(), wanted.base()).orElseThrow();
      case AlbefRecipe _, ClipRecipe _, QFormerAlignRecipe _ ->
          throw new DataException(
              wanted.path()
                  + ": is a run of a model that answers nothing; name one of kind language,"
                  + " qformer-instruct or vllm");
    };
  }

  /// What graphs of a model are made of; empty where its family has none.
  ///
  /// @throws DataException when a part of it is not what it was trained beside
  public static Optional<ExportedFamily> exported(StoredAnswerer model) throws IOException {
    return switch (model) {
      case StoredLanguage language -> Optional.of(new ExportedLanguage(language));
      case StoredVisionLanguage seeing -> Optional.of(ExportedVisionLanguage.of(seeing));
      case VisionLanguageRun run -> Optional.of(run.exported());
      case StoredImageAnswerer reading -> Optional.of(reading.exported());
      default -> Optional.empty();
    };
  }

  /// How a run's model revises captions; empty where it was not trained to, or is no run.
  ///
  /// @throws DataException when its recipe cannot be read
  public static Optional<CaptionReviser> reviser(Path model) throws DataException {
    Path recipe = model.resolve("recipe.yaml");
    if (!Files.exists(recipe) || kind(recipe).equals(Optional.of(LANGUAGE))) {
      return Optional.empty();
    }
    return read(recipe) instanceof VisionLanguageRecipe trained
        ? trained.revise().map(CaptionReviser::new)
        : Optional.empty();
  }

  private static Optional<String> kind(Path recipe) throws DataException {
    try {
      return ResolvedRecipe.stored(RecipeFile.read(recipe, List.of())).value("kind");
    } catch (RecipeException e) {
      throw unreadable(recipe, e);
    }
  }

  private static Training read(Path recipe) throws DataException {
    try {
      return Training.read(recipe, List.of());
    } catch (RecipeException e) {
      throw unreadable(recipe, e);
    }
  }

  private static DataException unreadable(Path recipe, RecipeException e) {
    return new DataException(
        "%s: the stored recipe cannot be read: %s"
            .formatted(recipe, e.problems().getFirst().message()),
        e);
  }
}
