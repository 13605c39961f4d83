package dev.eosin.prepare;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.config.DataException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What one kind of preparation does: [PreparationRun] takes care of everything else. The result is
/// a function of rows, pins, seed and answers alone.
public interface RowPreparation extends AutoCloseable {
  /// Starts a pass over the rows. A run makes several: each must give the same.
  Rows rows() throws DataException;

  /// Every setting and every further input (a prompt, a model's name, a file's digest) that the
  /// result depends on, by its key in the recipe: a run that was begun with others is refused. What
  /// only changes speed stays out. Rows and seed are pinned by the run.
  Map<String, String> pins();

  /// The codes of all reasons for which a row may be left out, in the funnel's order, such as
  /// `too-short`.
  List<String> reasons();

  /// Prepares one row. Called on many threads at once, and again after a run was killed: what was
  /// recorded is then given, not asked, so for the same answers it must take the same steps.
  ///
  /// @param steps records what is asked and computed, and draws random numbers
  /// @throws RowFailedException when this row cannot be prepared now; other rows go on
  /// @throws IOException ends the run
  Outcome prepare(Row row, RowSteps steps)
      throws RowFailedException, IOException, InterruptedException;

  /// Begins to write what the preparation is for. Called once every row has its outcome.
  ///
  /// @param outputs opens the files
  Assembly assemble(Outputs outputs) throws IOException;

  /// How rows look on `page.html`, which the run then writes; empty where the assembly writes a
  /// page of its own, or none is wanted.
  default Optional<RowView> view() {
    return Optional.empty();
  }

  /// Lets go of what it asks with, such as open connections.
  @Override
  default void close() {}

  /// What became of a row.
  sealed interface Outcome {
    /// @param result what the assembly needs of the row
    record Kept(JsonNode result) implements Outcome {}

    /// @param reason one of the preparation's reasons
    /// @param detail what was found in this row, for people
    record Rejected(String reason, String detail) implements Outcome {}
  }

  /// Writes the outputs. Sees the rows that were kept, in row order, whatever order they were
  /// prepared in. Used by one thread.
  @FunctionalInterface
  interface Assembly {
    /// Whether all kept rows are to be shown once more, in row order, before any is added: for what
    /// depends on rows that come later. Asked before the first row and after each such pass.
    default boolean surveys() {
      return false;
    }

    /// Looks at a row.
    default void survey(Row row, JsonNode result) throws IOException {}

    /// @return why the row is left out after all, such as for being like an earlier one; empty when
    ///   it was written
    Optional<Outcome.Rejected> add(Row row, JsonNode result) throws IOException;

    /// After the last row; the files are closed by who opened them.
    default void finish() throws IOException {}
  }
}
