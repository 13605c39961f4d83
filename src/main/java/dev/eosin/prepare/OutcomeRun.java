package dev.eosin.prepare;

import dev.eosin.config.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// Writes what a preparation is for from outcomes that were found elsewhere, such as on other
/// machines: the files are those of [PreparationRun], but for the ledger. What is killed begins
/// anew.
public final class OutcomeRun {
  private final Path folder;
  private final RowPreparation preparation;

  /// Whoever finds the outcomes.
  public interface Elsewhere extends AutoCloseable {
    /// Begins, once the rows are known to be sound.
    ///
    /// @param rows how many there are
    RowOutcomes outcomes(int rows) throws IOException;

    /// Removes what it left in the folder, which is still this run's alone.
    @Override
    void close() throws DataException;
  }

  /// @param folder of this preparation alone; made where needed
  public OutcomeRun(Path folder, RowPreparation preparation) {
    this.folder = folder;
    this.preparation = preparation;
  }

  /// Finds all outcomes and writes the files.
  ///
  /// @param elsewhere closed when all is written, or cannot be
  /// @param stop whether to stop; then nothing is left behind
  /// @return empty when it was asked to stop
  /// @throws DataException when rows cannot be read or results not be written, the folder has
  ///   results or a ledger already, or another process prepares into it
  public Optional<Funnel> run(Elsewhere elsewhere, BooleanSupplier stop) throws DataException {
    try (FolderLock _ = FolderLock.take(folder);
        elsewhere) {
      requireNew();
      CheckedRows.Whole whole = CheckedRows.check(preparation);
      return new RowAssembly(folder, preparation, outcomes(elsewhere, whole.count()), whole)
          .write(stop);
    }
  }

  private RowOutcomes outcomes(Elsewhere elsewhere, int rows) throws DataException {
    try {
      return elsewhere.outcomes(rows);
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw new DataException(String.valueOf(e.getMessage()), e);
    }
  }

  private void requireNew() throws DataException {
    if (Files.exists(folder.resolve(Outputs.LEDGER))) {
      throw new DataException(
          "%s: was begun by 'eosin prepare', which goes on there; choose another output.dir"
              .formatted(folder.resolve(Outputs.LEDGER)));
    }
    if (Files.exists(folder.resolve(Outputs.FUNNEL))) {
      throw new DataException(
          "%s: is finished; choose another output.dir, or remove the folder to prepare it anew"
              .formatted(folder));
    }
  }
}
