package dev.eosin.recipe.models;

import dev.eosin.checkpoint.Checkpoint;
import dev.eosin.checkpoint.CheckpointStore;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.clip.stored.StoredClip;
import dev.eosin.config.DataException;
import dev.eosin.config.RecipeException;
import dev.eosin.recipe.AlbefRecipe;
import dev.eosin.recipe.ClipRecipe;
import dev.eosin.recipe.LanguageRecipe;
import dev.eosin.recipe.QFormerAlignRecipe;
import dev.eosin.recipe.QFormerInstructRecipe;
import dev.eosin.recipe.Training;
import dev.eosin.recipe.VisionLanguageRecipe;
import dev.eosin.text.TextSettings;
import dev.eosin.train.WeightsPart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A checkpoint of a run, whose recipe says what its weights do not. Nothing is changed.
///
/// @param run its folder
public record StoredRun(Path run, Checkpoint checkpoint) {
  /// The recipe of a run, in its folder.
  public static final String RECIPE = "recipe.yaml";

  private static final String LOG = "log.jsonl";
  private static final String CHECKPOINTS = "checkpoints";

  /// Whether a folder holds a run.
  public static boolean isRun(Path folder) {
    return Files.exists(folder.resolve(RECIPE))
        && (Files.exists(folder.resolve(LOG)) || Files.exists(folder.resolve(CHECKPOINTS)));
  }

  /// The run that a path names: its folder, one of its checkpoints, or the file of its weights.
  ///
  /// @return of a run folder the newest sound checkpoint; empty where the path is no run's
  /// @throws DataException when the run has no sound checkpoint
  public static Optional<StoredRun> find(Path path) throws DataException {
    if (Files.isDirectory(path) && isRun(path)) {
      CheckpointStore.Recovery newest =
          new CheckpointStore(path.resolve(CHECKPOINTS), 1, "").newestSound(Checkpoint.Use.MODEL);
      return Optional.of(
          new StoredRun(
              path,
              newest
                  .checkpoint()
                  .orElseThrow(
                      () ->
                          new DataException(
                              newest.rejected().isEmpty()
                                  ? "%s: the run has saved no checkpoint yet".formatted(path)
                                  : "%s: the run has no sound checkpoint: %s"
                                      .formatted(path, String.join("; ", newest.rejected()))))));
    }
    return checkpointOf(path);
  }

  /// A checkpoint's folder, or the file of its weights.
  private static Optional<StoredRun> checkpointOf(Path path) throws DataException {
    Path absolute = path.toAbsolutePath().normalize();
    Path folder = absolute.endsWith(Checkpoint.MODEL) ? absolute.resolveSibling("") : absolute;
    Path above = folder.getParent();
    return Files.isDirectory(folder)
            && above != null
            && above.endsWith(CHECKPOINTS)
            && Files.exists(above.resolveSibling("").resolve(RECIPE))
        ? Optional.of(
            new StoredRun(
                above.resolveSibling(""), Checkpoint.verify(folder, Checkpoint.Use.MODEL)))
        : Optional.empty();
  }

  /// The recipe of a CLIP model's run.
  ///
  /// @throws DataException when it cannot be read, or the run is of another kind
  public ClipRecipe clip() throws DataException {
    Path file = run.resolve(RECIPE);
    try {
      return switch (Training.read(file, List.of())) {
        case ClipRecipe clip -> clip;
        case AlbefRecipe _ ->
            throw new DataException(
                run
                    + ": is a run of kind albef; its final/ has PA-LLaVA's names, and this command is"
                    + " for CLIP models");
        case VisionLanguageRecipe _ ->
            throw new DataException(
                run
                    + ": is a run of a model of images and text; its final/ is a folder that"
                    + " transformers reads, and this command is for CLIP models");
        case LanguageRecipe language ->
            throw new DataException(
                run
                    + ": is a run of a language model; its final/ and adapter/ are folders that"
                    + " transformers and eosin read, and this command is for CLIP models");
        case QFormerAlignRecipe qformer ->
            throw new DataException(
                "%s: is a run of a Q-Former; a CLIP model is wanted, such as %s, its image tower"
                    .formatted(run, qformer.tower().from()));
        case QFormerInstructRecipe qformer ->
            throw new DataException(
                "%s: is a run of a Q-Former; a CLIP model is wanted, such as %s, its image tower"
                    .formatted(run, qformer.tower().from()));
      };
    } catch (RecipeException e) {
      throw new DataException(
          "%s: the stored recipe cannot be read: %s"
              .formatted(file, e.problems().getFirst().message()),
          e);
    }
  }

  /// The model of a run of kind clip.
  ///
  /// @param path as it was given
  /// @param recipe of the run
  /// @param named the architecture, as the user named it
  /// @throws DataException when its recipe does not tell the architecture any more, or the
  ///   checkpoint cannot be read
  public StoredClip open(Path path, ClipRecipe recipe, WeightsPart part, Optional<ClipSpec> named)
      throws IOException {
    ClipSpec spec = ClipModels.sized(recipe, named.isPresent() ? named.get() : said(recipe, path));
    TextSettings text = recipe.data().text();
    var input = new StoredClip.Input(recipe.data().image(), text.tokenizer(), text.length());
    return StoredClip.open(path, checkpoint, part, spec, input);
  }

  /// A run's model, or any file or folder of weights.
  ///
  /// @param part of a run; others have weights only
  /// @param named the architecture, as the user named it
  /// @param average how one asks for the average, for messages
  /// @throws DataException when the file cannot be read or holds no CLIP model, when the run has no
  ///   sound checkpoint, or its recipe does not tell the architecture any more
  public static StoredClip open(
      Path path, WeightsPart part, Optional<ClipSpec> named, String average) throws IOException {
    Optional<StoredRun> found = find(path);
    if (found.isEmpty()) {
      if (part == WeightsPart.AVERAGE) {
        throw new DataException(
            "%s: is no run folder or checkpoint of one; only a run has %s"
                .formatted(path, average));
      }
      return StoredClip.open(path, named);
    }
    return found.get().open(path, found.get().clip(), part, named);
  }

  private static ClipSpec said(ClipRecipe recipe, Path path) throws DataException {
    try {
      return recipe.model().spec();
    } catch (DataException e) {
      throw new DataException(
          "%s: model.config of its recipe cannot be read: %s; name the configuration with --config"
              .formatted(path, e.getMessage()),
          e);
    }
  }
}
