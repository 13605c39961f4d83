package dev.eosin.run.folders;

import dev.eosin.checkpoint.CheckpointStore;
import dev.eosin.config.Binder;
import dev.eosin.config.DataException;
import dev.eosin.config.Difference;
import dev.eosin.config.Place;
import dev.eosin.config.Problem;
import dev.eosin.config.RecipeException;
import dev.eosin.config.RecipeFile;
import dev.eosin.config.ResolvedRecipe;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.EmptyFolder;
import dev.eosin.file.FileContent;
import dev.eosin.recipe.Recipe;
import dev.eosin.recipe.models.StoredRun;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The folder of one run, held by one process at a time. `docs/formats.md` lists its files.
public final class RunFolder implements AutoCloseable {
  private static final String LOCK = "run.lock";
  private static final String RECIPE = StoredRun.RECIPE;
  private static final String LOG = "log.jsonl";
  private static final String CHECKPOINTS = "checkpoints";
  private static final String EXPORTED = "final";
  private static final int LOCK_ATTEMPTS = 5;
  private static final long LOCK_PAUSE_NANOS = 20_000_000;

  /// What may change when a run resumes: no weight depends on it, or the checkpoint knows what the
  /// file at that path must say.
  private static final List<String> HARMLESS =
      List.of(
          "output",
          "logging",
          "evaluate",
          "best",
          "stop-early",
          "ema.evaluate",
          "ema.export",
          "compute",
          "batch.micro",
          "data.workers",
          "data.bad-rows",
          "data.leaks",
          "data.validation",
          "data.train.path",
          "data.train.images",
          "data.train.index",
          "data.train.cache",
          "model.config",
          "tower.from",
          "tower.cache.dir",
          "tower.cache.limit");

  /// Of these, what adds or multiplies in another order.
  private static final List<String> ROUNDING =
      List.of("compute.device", "compute.threads", "compute.matrix-products", "batch.micro");

  private static final List<String> SETTLED_LATER = List.of("batch.micro", PinnedProducts.KEY);

  private static final Pattern PART_OF_MIXTURE =
      Pattern.compile("^data\\.train\\.parts\\.[0-9]+\\.source\\.");

  private final Path folder;
  private final Optional<FileChannel> lock;
  private final Optional<Path> movedTo;
  private final boolean made;

  private RunFolder(Path folder, Optional<FileChannel> lock, Optional<Path> movedTo, boolean made) {
    this.folder = folder;
    this.lock = lock;
    this.movedTo = movedTo;
    this.made = made;
  }

  /// Takes the folder, making it where needed.
  ///
  /// @param fresh whether an earlier run in it is moved aside, to the first free of `DIR.1`,
  ///   `DIR.2`, ...
  /// @throws DataException when it cannot be written or another process holds it
  public static RunFolder open(Path folder, boolean fresh) throws DataException {
    boolean made = !Files.exists(folder);
    try {
      FileChannel lock = lock(folder);
      if (!fresh || !holdsRun(folder)) {
        return new RunFolder(folder, Optional.of(lock), Optional.empty(), made);
      }
      // Moved while it is locked, so that no other process goes on with it meanwhile.
      try (lock) {
        Path aside = EarlierRun.moveAside(folder);
        return new RunFolder(folder, Optional.of(lock(folder)), Optional.of(aside), true);
      }
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw new DataException(
          "%s: the run folder cannot be used: %s".formatted(folder, AtomicFile.unmade(folder, e)),
          e);
    }
  }

  /// The folder as a further rank of a run sees it, whose first rank has opened it.
  ///
  /// @throws DataException when it is not there: the ranks need a folder that all machines see
  public static RunFolder joined(Path folder) throws DataException {
    if (!Files.exists(folder.resolve(LOCK))) {
      throw new DataException(
          folder
              + ": this rank does not see the run folder that rank 0 has opened; output.dir must lie on a file system that all machines of a run share");
    }
    return new RunFolder(folder, Optional.empty(), Optional.empty(), false);
  }

  private static boolean holdsRun(Path folder) {
    return Stream.of(RECIPE, LOG, CHECKPOINTS, EXPORTED)
        .anyMatch(name -> Files.exists(folder.resolve(name)));
  }

  /// Whether a folder holds a run.
  public static boolean isRun(Path folder) {
    return StoredRun.isRun(folder);
  }

  /// Whether a process holds the folder now. Nothing is made or changed.
  ///
  /// @throws IOException when the lock cannot be looked at
  static boolean isHeld(Path folder) throws IOException {
    Path file = folder.resolve(LOCK);
    if (!Files.exists(file)) {
      return false;
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      return tryLock(channel) == null;
    }
  }

  private static FileChannel lock(Path folder) throws IOException {
    Files.createDirectories(folder);
    FileChannel channel =
        FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    if (!lockSoon(channel)) {
      channel.close();
      throw new DataException(
          folder + ": another process trains in this run folder; wait for it, or set output.dir");
    }
    return channel;
  }

  /// Another process may look at the lock for an instant ([#isHeld]): that is no reason to refuse.
  private static boolean lockSoon(FileChannel channel) throws IOException {
    for (int attempt = 1; attempt < LOCK_ATTEMPTS; attempt++) {
      if (tryLock(channel) != null) {
        return true;
      }
      LockSupport.parkNanos(LOCK_PAUSE_NANOS);
    }
    return tryLock(channel) != null;
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException heldByThisProcess) {
      return null;
    }
  }

  /// Whether the folder is still the one that was taken.
  boolean isWhole() {
    return Files.exists(folder.resolve(LOCK));
  }

  /// Compares the recipe with the one that the run was started with. A schedule may become another
  /// whose rates up to here are the same.
  ///
  /// @return one line for each harmless change; none where the run has no checkpoint yet
  /// @throws RecipeException when a change would alter the result of a run that has begun, with
  ///   every such change
  public List<String> changes(Path recipeFile, ResolvedRecipe recipe) throws DataException {
    Optional<ResolvedRecipe> begun = begun();
    return begun.isEmpty() ? List.of() : changes(recipeFile, begun.get(), recipe, newestStep());
  }

  /// As above, of a run that goes on from a checkpoint that was named.
  public List<String> changes(Path recipeFile, ResolvedRecipe recipe, FromCheckpoint from)
      throws DataException {
    Optional<FromCheckpoint> meant = from.unlessBegun(this);
    return meant.isEmpty()
        ? changes(recipeFile, recipe)
        : changes(recipeFile, from.recipe(), recipe, from.checkpoint().state().step());
  }

  private List<String> changes(
      Path recipeFile, ResolvedRecipe begun, ResolvedRecipe recipe, long updates) {
    var notes = new ArrayList<String>();
    var refused = new ArrayList<Problem>();
    for (Difference difference : begun.differences(recipe)) {
      if (isSettledLater(difference)) {
        continue;
      }
      if (isHarmless(difference.key())
          || isSchedule(difference.key()) && SchedulePast.isSame(begun, recipe, updates)) {
        notes.add(
            "changed since the run began: %s from %s to %s%s"
                .formatted(
                    difference.key(),
                    difference.before(),
                    difference.after(),
                    ROUNDING.contains(difference.key())
                        ? " (what follows differs in the last digits)"
                        : ""));
      } else {
        refused.add(refusal(recipeFile, difference, recipe.has("initialise-from")));
      }
    }
    if (!refused.isEmpty()) {
      throw new RecipeException(recipeFile, refused);
    }
    return notes;
  }

  /// The recipe of a run that has a checkpoint.
  public Optional<ResolvedRecipe> begun() throws DataException {
    return hasBegun() ? Optional.of(stored(recipe())) : Optional.empty();
  }

  /// A run's recipe as this version resolves it: what the version that stored it did not know takes
  /// its default. One that does not bind any more is taken as it stands.
  static ResolvedRecipe stored(Path recipe) {
    RecipeFile file = RecipeFile.read(recipe, List.of());
    try {
      return ResolvedRecipe.of(Binder.bind(file, Recipe.class), Recipe.class);
    } catch (RecipeException ofAnotherVersion) {
      return ResolvedRecipe.stored(file);
    }
  }

  /// [dev.eosin.run.MicroBatch] keeps the stored number where it can, and tells where it cannot;
  /// [PinnedProducts] keeps what is stored.
  private static boolean isSettledLater(Difference difference) {
    return SETTLED_LATER.contains(difference.key()) && difference.after().equals("auto");
  }

  private static boolean isHarmless(String key) {
    String plain = PART_OF_MIXTURE.matcher(key).replaceFirst("data.train.");
    return HARMLESS.stream().anyMatch(part -> plain.equals(part) || plain.startsWith(part + "."));
  }

  private static boolean isSchedule(String key) {
    return key.equals("schedule") || key.startsWith("schedule.");
  }

  private long newestStep() throws DataException {
    return new CheckpointStore(checkpoints(), 1, "").steps().getLast();
  }

  private boolean hasBegun() throws DataException {
    boolean begun = !new CheckpointStore(checkpoints(), 1, "").steps().isEmpty();
    if (begun && !Files.exists(recipe())) {
      throw new DataException(
          recipe()
              + ": is missing, so nobody can tell whether the recipe is still that of the"
              + " checkpoints; restore it, or start over with --fresh");
    }
    return begun;
  }

  /// Stores the resolved recipe; the run begins.
  public void store(ResolvedRecipe recipe) throws DataException {
    AtomicFile.write(recipe(), FileContent.text(recipe.text()));
  }

  private Problem refusal(Path recipeFile, Difference difference, boolean initialises) {
    String otherwise =
        initialises && isSchedule(difference.key())
            ? "restore it, train on from its weights in another output.dir with initialise-from: %s (the rates of the steps already done would have been others), or start over with --fresh"
                .formatted(folder)
            : "restore it, choose another output.dir, or start over with --fresh";
    return new Problem(
        new Place.Whole(recipeFile),
        difference.key(),
        "the run in %s was started with %s, now it is %s; %s"
            .formatted(folder, difference.before(), difference.after(), otherwise));
  }

  /// Where `fresh` moved an earlier run to.
  public Optional<Path> movedTo() {
    return movedTo;
  }

  public Path folder() {
    return folder;
  }

  /// The resolved recipe.
  public Path recipe() {
    return recipe(folder);
  }

  public static Path recipe(Path folder) {
    return folder.resolve(RECIPE);
  }

  public Path log() {
    return log(folder);
  }

  public static Path log(Path folder) {
    return folder.resolve(LOG);
  }

  /// See [dev.eosin.train.logs.CsvLog].
  public Path csv() {
    return folder.resolve("log.csv");
  }

  /// See [dev.eosin.train.logs.CsvLog].
  public Path evaluationsCsv() {
    return folder.resolve("evaluations.csv");
  }

  /// See [dev.eosin.train.logs.StartLog].
  public Path starts() {
    return folder.resolve("starts.jsonl");
  }

  public Path badRows() {
    return folder.resolve("bad-rows.jsonl");
  }

  /// Those that a rank met in its share of the batches.
  public Path badRows(int rank) {
    return rank == 0 ? badRows() : folder.resolve("bad-rows-rank-%05d.jsonl".formatted(rank));
  }

  /// What each rank does, see [dev.eosin.group.MpiGroup#keepRecordsIn].
  public Path ranks() {
    return folder.resolve("ranks");
  }

  /// Written when the final model is on disk, by the first rank.
  public Path finished() {
    return folder.resolve("finished.json");
  }

  public Path checkpoints() {
    return folder.resolve(CHECKPOINTS);
  }

  public Path tensorBoard() {
    return folder.resolve("tensorboard");
  }

  /// The trace of measured steps, where any were measured.
  public Path profile() {
    return folder.resolve("profile.json");
  }

  /// The exported model; it exists once the run is finished.
  public Path exported() {
    return exported(folder);
  }

  static Path exported(Path folder) {
    return folder.resolve(EXPORTED);
  }

  /// The adapters alone, of a run that trained some; there once the run is finished.
  public Path adapter() {
    return folder.resolve("adapter");
  }

  /// A start that was refused leaves nothing behind.
  @Override
  public void close() throws IOException {
    if (lock.isPresent()) {
      try (FileChannel held = lock.get()) {
        if (held.isOpen()) {
          EmptyFolder.removeWithout(folder.resolve(LOCK), made);
        }
      }
    }
  }
}
