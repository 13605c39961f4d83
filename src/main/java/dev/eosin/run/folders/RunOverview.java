package dev.eosin.run.folders;

import dev.eosin.config.DataException;
import dev.eosin.config.RecipeException;
import dev.eosin.config.ResolvedRecipe;
import dev.eosin.file.AtomicFile;
import dev.eosin.train.logs.RunHistory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// One run folder at a glance.
///
/// @param folder of the run
/// @param state what becomes of it
/// @param recipe as it was resolved when the run began
/// @param history of its log
/// @param changed when its log was last written
public record RunOverview(
    Path folder, State state, ResolvedRecipe recipe, RunHistory history, Instant changed) {
  /// Deeper folders are looked into by naming them.
  private static final int DEPTH = 4;

  /// What becomes of a run.
  public enum State {
    /// A process holds the folder.
    TRAINING,
    /// The trained model is exported.
    FINISHED,
    /// Neither: the same command goes on with it.
    STOPPED
  }

  /// The runs in and below a folder.
  ///
  /// @param runs by path
  /// @param unreadable one line for each run that cannot be read, naming its file and why
  public record Found(List<RunOverview> runs, List<String> unreadable) {
    public Found {
      runs = List.copyOf(runs);
      unreadable = List.copyOf(unreadable);
    }
  }

  /// Every run in and below a folder. One that cannot be read does not hide the others.
  ///
  /// @throws DataException when the folder is missing or cannot be listed
  public static Found under(Path root) throws DataException {
    if (!Files.isDirectory(root)) {
      throw new DataException(root + ": no such folder; name the folder that holds the runs");
    }
    var runs = new ArrayList<RunOverview>();
    var unreadable = new ArrayList<String>();
    for (Path folder : runFolders(root)) {
      try {
        runs.add(of(folder));
      } catch (DataException broken) {
        unreadable.add(String.valueOf(broken.getMessage()));
      }
    }
    return new Found(runs, unreadable);
  }

  private static List<Path> runFolders(Path root) throws DataException {
    try (Stream<Path> found = Files.walk(root, DEPTH)) {
      return found.filter(Files::isDirectory).filter(RunFolder::isRun).sorted().toList();
    } catch (IOException | UncheckedIOException e) {
      throw new DataException(root + ": cannot be listed: " + AtomicFile.reason(e), e);
    }
  }

  /// One run.
  ///
  /// @throws DataException when the folder holds no run, or naming the file that cannot be read
  public static RunOverview of(Path folder) throws DataException {
    if (!RunFolder.isRun(folder)) {
      throw new DataException(
          folder + ": holds no run; a run folder has recipe.yaml and checkpoints or log.jsonl");
    }
    Path log = RunFolder.log(folder);
    try {
      return new RunOverview(
          folder,
          state(folder),
          RunFolder.stored(RunFolder.recipe(folder)),
          RunHistory.read(log),
          Files.getLastModifiedTime(Files.exists(log) ? log : folder).toInstant());
    } catch (RecipeException e) {
      throw new DataException(
          "%s: the stored recipe cannot be read: %s"
              .formatted(RunFolder.recipe(folder), e.problems().getFirst().message()),
          e);
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw new DataException("%s: cannot be read: %s".formatted(folder, AtomicFile.reason(e)), e);
    }
  }

  private static State state(Path folder) throws IOException {
    if (RunFolder.isHeld(folder)) {
      return State.TRAINING;
    }
    return Files.exists(RunFolder.exported(folder)) ? State.FINISHED : State.STOPPED;
  }

  /// The architecture: the preset, or the file it is read from.
  public String model() {
    return recipe
        .value("model.preset")
        .or(() -> recipe.value("model.config"))
        .orElse("unknown model");
  }

  /// The run's length as the recipe writes it, for example `500 steps`.
  public Optional<String> length() {
    return recipe.value("schedule.length");
  }
}
