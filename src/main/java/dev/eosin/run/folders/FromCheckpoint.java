package dev.eosin.run.folders;

import dev.eosin.checkpoint.Checkpoint;
import dev.eosin.checkpoint.CheckpointState;
import dev.eosin.checkpoint.CheckpointStore;
import dev.eosin.config.DataException;
import dev.eosin.config.ResolvedRecipe;
import dev.eosin.recipe.models.StoredRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// A checkpoint that a run is asked to go on from, in place of its newest one: of itself, or of
/// another run that it branches off from.
///
/// @param checkpoint whole
/// @param origin the run that it is of
/// @param own whether that is the run that goes on
public record FromCheckpoint(Checkpoint checkpoint, Path origin, boolean own) {
  /// The further key of a state that says which checkpoint the run branched off from.
  private static final String KEY = "from";

  private static final String BEST = "best";
  private static final int SHOWN = 10;

  /// Finds a checkpoint by what a person calls it.
  ///
  /// @param named `best`, a step such as `500` or `step-00000500` of the run itself; or a path of a
  ///   checkpoint, or of another run, whose newest one is meant
  /// @throws DataException when there is none, naming those that there are, or it is damaged
  public static FromCheckpoint find(String named, RunFolder folder) throws DataException {
    Path own = folder.checkpoints();
    var store = new CheckpointStore(own, 1, "");
    if (named.equals(BEST)) {
      Optional<Checkpoint> best = store.best();
      if (best.isEmpty()) {
        throw new DataException(
            "--from best: no checkpoint in %s has a score; %s".formatted(own, steps(store)));
      }
      return new FromCheckpoint(Checkpoint.verify(best.get().folder()), folder.folder(), true);
    }
    if (named.matches("(step-)?\\d{1,18}")) {
      long step = Long.parseLong(named.replace("step-", ""));
      Path there = own.resolve("step-%08d".formatted(step));
      if (!Files.isDirectory(there)) {
        throw new DataException(
            "--from %s: %s is not there; %s".formatted(named, there, steps(store)));
      }
      return new FromCheckpoint(Checkpoint.verify(there), folder.folder(), true);
    }
    return ofPath(Path.of(named), folder);
  }

  private static String steps(CheckpointStore store) throws DataException {
    List<Long> steps = store.steps();
    return steps.isEmpty()
        ? "it has no checkpoint yet"
        : "it has checkpoints of the steps "
            + steps.reversed().stream().limit(SHOWN).sorted().toList();
  }

  private static FromCheckpoint ofPath(Path path, RunFolder folder) throws DataException {
    StoredRun found =
        StoredRun.find(path)
            .orElseThrow(
                () ->
                    new DataException(
                        "--from %s: %s; expected 'best', a step, a checkpoint such as %s, or a run folder"
                            .formatted(
                                path, found(path), folder.checkpoints().resolve("step-00000500"))));
    return new FromCheckpoint(found.checkpoint(), found.run(), same(found.run(), folder.folder()));
  }

  private static String found(Path path) {
    if (Files.exists(path)) {
      return "is neither a checkpoint nor a run";
    }
    Path beside = path.toAbsolutePath().getParent();
    if (beside == null || !Files.isDirectory(beside)) {
      return "no such folder";
    }
    try (Stream<Path> all = Files.list(beside)) {
      List<String> names =
          all.map(each -> String.valueOf(each.getFileName()))
              .filter(name -> name.startsWith("step-"))
              .sorted(Comparator.reverseOrder())
              .limit(SHOWN)
              .sorted()
              .toList();
      return names.isEmpty() ? "no such folder" : "no such folder; beside it are " + names;
    } catch (IOException unreadable) {
      return "no such folder";
    }
  }

  private static boolean same(Path one, Path other) throws DataException {
    try {
      return Files.exists(other) && Files.isSameFile(one, other);
    } catch (IOException e) {
      throw new DataException(one + ": cannot be compared with " + other, e);
    }
  }

  /// What is to be gone on from; empty where the run has branched off here before, so that the same
  /// command goes on with it.
  ///
  /// @throws DataException when the run has begun otherwise
  public Optional<FromCheckpoint> unlessBegun(RunFolder folder) throws DataException {
    if (own) {
      return Optional.of(this);
    }
    var store = new CheckpointStore(folder.checkpoints(), 1, "");
    if (store.steps().isEmpty()) {
      return Optional.of(this);
    }
    Optional<Checkpoint> newest = store.newestSound(Checkpoint.Use.TRAINING).checkpoint();
    if (newest.isPresent() && identity().equals(newest.get().state().more().get(KEY))) {
      return Optional.empty();
    }
    throw new DataException(
        "%s: has a run that did not begin at %s; choose another output.dir, or start over with --fresh"
            .formatted(folder.folder(), checkpoint.folder()));
  }

  private String identity() throws DataException {
    return "step %d of model %s"
        .formatted(checkpoint.state().step(), checkpoint.sha256(Checkpoint.MODEL));
  }

  /// The recipe that the checkpoint's run has.
  public ResolvedRecipe recipe() {
    return RunFolder.stored(RunFolder.recipe(origin));
  }

  /// Where the run goes on from.
  public CheckpointState state() throws DataException {
    return own ? checkpoint.state() : checkpoint.state().with(Map.of(KEY, identity()));
  }

  /// For a person.
  public String note() {
    return own
        ? "going back to step %d; later checkpoints are removed when the next one is saved"
            .formatted(checkpoint.state().step())
        : "branching off from %s".formatted(checkpoint.folder());
  }
}
