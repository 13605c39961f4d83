package dev.eosin.prepare;

import dev.eosin.config.DataException;
import dev.eosin.group.Group;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// Runs a preparation into a folder, as far as it gets: `ledger.jsonl`, and once every row has its
/// outcome, the preparation's own files, `rejects.jsonl` and `funnel.json`.
///
/// May be killed at any moment and run again: what was recorded is not asked again, and the outputs
/// have the same bytes as those of a run that was never killed, whatever the parallelism and the
/// order in which answers came.
public final class PreparationRun {
  private final Path folder;
  private final RowPreparation preparation;
  private final PreparationSettings settings;
  private final long seed;
  private final LedgerFile.Storage storage;

  /// @param folder of this preparation alone; made where needed
  /// @param seed of all random numbers
  public PreparationRun(
      Path folder, RowPreparation preparation, PreparationSettings settings, long seed) {
    this(folder, preparation, settings, seed, LedgerFile.Storage.REAL);
  }

  PreparationRun(
      Path folder,
      RowPreparation preparation,
      PreparationSettings settings,
      long seed,
      LedgerFile.Storage storage) {
    this.folder = folder;
    this.preparation = preparation;
    this.settings = settings;
    this.seed = seed;
    this.storage = storage;
  }

  /// Goes as far as it can.
  ///
  /// @param progress told now and then, and at the end
  /// @param stop whether to stop; calls in flight are awaited and recorded first
  /// @throws DataException when rows or ledger cannot be read or written, another process prepares
  ///   into the folder, or the preparation was begun otherwise; what was recorded stays
  public PreparationReport run(Consumer<PreparationProgress> progress, BooleanSupplier stop)
      throws DataException {
    return run(progress, stop, Group.ALONE);
  }

  /// As above, by several ranks, which share the rows and stop together; each calls it with a
  /// preparation of its own. The first one writes the outputs, which are those of one process.
  ///
  /// @return on the first rank what all did; on others why all ended
  public PreparationReport run(
      Consumer<PreparationProgress> progress, BooleanSupplier stop, Group group)
      throws DataException {
    return new RankedPreparation(folder, preparation, settings, seed, storage, group)
        .run(progress, stop);
  }
}
