package dev.eosin.run.models;

import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.config.DataException;
import dev.eosin.config.RecipeException;
import dev.eosin.config.RecipeFile;
import dev.eosin.config.ResolvedRecipe;
import dev.eosin.recipe.models.StoredRun;
import dev.eosin.run.folders.RunFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// What `eosin inspect` says of runs, and of their checkpoints, of other kinds than `clip`: what
/// was trained lies in the checkpoint, the model in what the run leaves at its end.
final class RunInspection {
  private static final String CLIP = "clip";
  private static final String FINAL = "final";

  private RunInspection() {}

  /// The kind of the run that a path names; empty where it is none, or its recipe does not say.
  ///
  /// @throws DataException when the run has no sound checkpoint
  static Optional<String> kind(Path path) throws DataException {
    Optional<StoredRun> found = Files.isDirectory(path) ? StoredRun.find(path) : Optional.empty();
    return found.isEmpty() ? Optional.empty() : kind(found.get());
  }

  private static Optional<String> kind(StoredRun found) {
    try {
      RecipeFile recipe = RecipeFile.read(RunFolder.recipe(found.run()), List.of());
      return ResolvedRecipe.stored(recipe).value("kind");
    } catch (RecipeException unreadable) {
      return Optional.empty();
    }
  }

  /// @param found the run that a path names, if it names one
  /// @return empty where there is none, or one of kind clip
  /// @throws DataException when its weights cannot be read
  static Optional<StoredModels.Inspected> find(Optional<StoredRun> found) throws DataException {
    Optional<String> kind = found.flatMap(RunInspection::kind);
    return kind.isEmpty() || kind.get().equals(CLIP)
        ? Optional.empty()
        : Optional.of(new QFormerInspection(facts(found.orElseThrow(), kind.get())).inspected());
  }

  private static Map<String, String> facts(StoredRun found, String kind) throws DataException {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("model", "a run of kind " + kind);
    facts.put("checkpoint", "after step " + found.checkpoint().state().step());
    try (StoredTensors file = found.checkpoint().model()) {
      long elements = 0;
      for (String name : file.names()) {
        elements += file.header(name).elements();
      }
      facts.put(
          "holds",
          String.format(
              Locale.ROOT,
              "%,d numbers in %,d tensors: what is not frozen",
              elements,
              file.names().size()));
    }
    Path left = found.run().resolve(FINAL);
    facts.put(
        FINAL,
        Files.isDirectory(left)
            ? "the model that it left, which this command reads, too: " + left
            : "not there: the run has not come to its end");
    facts.put("recipe", RunFolder.recipe(found.run()).toString());
    return facts;
  }
}
