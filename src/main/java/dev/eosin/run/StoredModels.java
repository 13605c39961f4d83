package dev.eosin.run;

import dev.eosin.checkpoint.Checkpoint;
import dev.eosin.checkpoint.CheckpointStore;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.clip.stored.Inspection;
import dev.eosin.clip.stored.InspectionReport;
import dev.eosin.clip.stored.StoredClip;
import dev.eosin.config.DataException;
import dev.eosin.config.RecipeException;
import dev.eosin.recipe.ClipModels;
import dev.eosin.recipe.ClipRecipe;
import dev.eosin.recipe.LanguageRecipe;
import dev.eosin.recipe.Training;
import dev.eosin.train.WeightsPart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Opens what a command line names as a model: a run folder, one of its checkpoints, or any file or
/// folder of weights. A run's recipe says what its weights do not. Nothing is changed.
public final class StoredModels {
  private static final String CHECKPOINTS = "checkpoints";

  private StoredModels() {}

  private record RunCheckpoint(Path run, Checkpoint checkpoint) {}

  /// @param path of a run folder the newest sound checkpoint is taken
  /// @param part of a run; others have weights only
  /// @param named the architecture, as the user named it
  /// @throws DataException when the file cannot be read or holds no CLIP model, when the run has no
  ///   sound checkpoint, or its recipe does not tell the architecture any more
  public static StoredClip open(Path path, WeightsPart part, Optional<ClipSpec> named)
      throws IOException {
    Optional<RunCheckpoint> found = find(path);
    if (found.isEmpty()) {
      if (part == WeightsPart.AVERAGE) {
        throw new DataException(
            path + ": is no run folder or checkpoint of one; only a run has --part average");
      }
      return StoredClip.open(path, named);
    }
    return open(path, found.get(), recipe(found.get().run()), part, named);
  }

  private static StoredClip open(
      Path path, RunCheckpoint found, ClipRecipe recipe, WeightsPart part, Optional<ClipSpec> named)
      throws IOException {
    ClipSpec spec = ClipModels.sized(recipe, named.isPresent() ? named.get() : said(recipe, path));
    var input = new StoredClip.Input(recipe.data().image(), ClipModels.tokenizerFiles(recipe));
    return StoredClip.open(path, found.checkpoint(), part, spec, input);
  }

  /// What a run, one of its checkpoints, or any weights are. A file is shown as it is.
  ///
  /// @throws DataException naming the file and what is wrong with it
  public static Inspected inspect(Path path) throws IOException {
    var report = new InspectionReport(inspection(path));
    return new Inspected(report.lines(), report.json().toPrettyString());
  }

  /// What weights are.
  ///
  /// @param lines for a person
  /// @param json the same as one object
  public record Inspected(List<String> lines, String json) {
    public Inspected {
      lines = List.copyOf(lines);
    }
  }

  private static Inspection inspection(Path path) throws IOException {
    Optional<RunCheckpoint> found = Files.isDirectory(path) ? find(path) : Optional.empty();
    if (found.isEmpty()) {
      return Inspection.of(path);
    }
    try {
      return inspect(path, found.get());
    } catch (DataException untold) {
      // The recipe, or the configuration that it names, is gone: the tensors are still there.
      return Inspection.of(found.get().checkpoint().folder());
    }
  }

  private static Inspection inspect(Path path, RunCheckpoint found) throws IOException {
    Path run = found.run();
    ClipRecipe recipe = recipe(run);
    try (StoredClip model = open(path, found, recipe, WeightsPart.WEIGHTS, Optional.empty())) {
      return Inspection.of(
          model,
          new Inspection.Architecture.OfRun(
              RunFolder.recipe(run),
              recipe.model(),
              run.equals(path),
              recipe.lora().isPresent(),
              model.requiredSpec()));
    }
  }

  private static Optional<RunCheckpoint> find(Path path) throws DataException {
    if (Files.isDirectory(path) && RunFolder.isRun(path)) {
      CheckpointStore.Recovery newest =
          new CheckpointStore(path.resolve(CHECKPOINTS), 1, "").newestSound();
      return Optional.of(
          new RunCheckpoint(
              path,
              newest
                  .checkpoint()
                  .orElseThrow(
                      () ->
                          new DataException(
                              "%s: the run has no sound checkpoint: %s"
                                  .formatted(path, String.join("; ", newest.rejected()))))));
    }
    return checkpointOf(path);
  }

  /// A checkpoint's folder, or the file of its weights.
  private static Optional<RunCheckpoint> checkpointOf(Path path) throws DataException {
    Path absolute = path.toAbsolutePath().normalize();
    Path folder = absolute.endsWith(Checkpoint.MODEL) ? absolute.resolveSibling("") : absolute;
    Path above = folder.getParent();
    return Files.isDirectory(folder)
            && above != null
            && above.endsWith(CHECKPOINTS)
            && Files.exists(RunFolder.recipe(above.resolveSibling("")))
        ? Optional.of(new RunCheckpoint(above.resolveSibling(""), Checkpoint.verify(folder)))
        : Optional.empty();
  }

  private static ClipRecipe recipe(Path run) throws DataException {
    Path file = RunFolder.recipe(run);
    try {
      return switch (Training.read(file, List.of())) {
        case ClipRecipe clip -> clip;
        case LanguageRecipe language ->
            throw new DataException(
                run
                    + ": is a run of a language model; its final/ and adapter/ are folders that"
                    + " transformers and eosin read, and this command is for CLIP models");
      };
    } catch (RecipeException e) {
      throw new DataException(
          "%s: the stored recipe cannot be read: %s"
              .formatted(file, e.problems().getFirst().message()),
          e);
    }
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
