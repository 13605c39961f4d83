package dev.eosin.prepare;

import dev.eosin.config.DataException;
import dev.eosin.prepare.PreparationReport.End;
import dev.eosin.random.RandomKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
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
    try (FolderLock _ = FolderLock.take(folder)) {
      requireLedgerOfOutputs();
      CheckedRows.Whole whole = CheckedRows.check(preparation);
      try (Ledger ledger =
          Ledger.open(
              folder.resolve(Outputs.LEDGER),
              pins(whole.fingerprint()),
              RowWork.reasons(preparation),
              whole.count(),
              storage)) {
        return run(whole, ledger, progress, stop);
      }
    }
  }

  /// Without its ledger everything would be paid for again.
  private void requireLedgerOfOutputs() throws DataException {
    Path ledger = folder.resolve(Outputs.LEDGER);
    Path funnel = folder.resolve(Outputs.FUNNEL);
    if (Files.exists(funnel) && !Files.exists(ledger)) {
      throw new DataException(
          "%s: is missing, but %s is there; restore the ledger, choose another output folder, or remove funnel.json to prepare everything anew"
              .formatted(ledger, funnel));
    }
  }

  private Map<String, String> pins(String fingerprint) {
    Map<String, String> pins = new TreeMap<>(preparation.pins());
    if (pins.put("rows", fingerprint) != null || pins.put("seed", Long.toString(seed)) != null) {
      throw new IllegalStateException("the pins 'rows' and 'seed' are the run's own");
    }
    return pins;
  }

  private PreparationReport run(
      CheckedRows.Whole whole,
      Ledger ledger,
      Consumer<PreparationProgress> progress,
      BooleanSupplier stop)
      throws DataException {
    List<String> notes = new ArrayList<>(ledger.note().stream().toList());
    Funnel funnel = ledger.funnel();
    if (funnel.open() == 0) {
      Optional<Funnel> finished = RowAssembly.finished(folder);
      if (finished.isPresent()) {
        return new PreparationReport(End.UNCHANGED, finished.get(), ledger.spent(), notes);
      }
    } else {
      Budget budget = new Budget(settings.budget(), ledger.spent(), stop);
      RowWork work =
          new RowWork(preparation, whole, settings, new RandomKey(seed), ledger, budget, progress);
      work.run();
      notes.addAll(work.failed().notes());
      budget.exhausted().map("%s is spent"::formatted).ifPresent(notes::add);
      funnel = ledger.funnel();
      if (funnel.open() > 0) {
        return new PreparationReport(end(work, budget, stop), funnel, ledger.spent(), notes);
      }
    }
    Optional<Funnel> written =
        new RowAssembly(folder, preparation, ledger::outcome, whole).write(stop);
    written.flatMap(Funnel::whyEmpty).ifPresent(notes::add);
    return new PreparationReport(
        written.isPresent() ? End.FINISHED : End.STOPPED,
        written.orElse(funnel),
        ledger.spent(),
        notes);
  }

  private static End end(RowWork work, Budget budget, BooleanSupplier stop) {
    if (work.failed().areTooMany()) {
      return End.FAILING;
    }
    if (budget.exhausted().isPresent()) {
      return End.BUDGET_SPENT;
    }
    return stop.getAsBoolean() ? End.STOPPED : End.ROWS_OPEN;
  }
}
