package dev.eosin.run.folders;

import dev.eosin.checkpoint.Checkpoint;
import dev.eosin.checkpoint.CheckpointState;
import dev.eosin.checkpoint.CheckpointStore;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.FileContent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What the runs of a sweep came to, the best first.
///
/// @param rows ranked by the best score, then those that have none
public record SweepTable(List<Row> rows) {
  /// The file that says why a run of a sweep came to nothing, in its folder.
  private static final String FAILED = "failed.txt";

  private static final String CSV = "sweep.csv";

  /// A run.
  ///
  /// @param state `finished`, `stopped`, `failed` or `waiting`
  /// @param step updates done
  /// @param best its best score, where an evaluation gave one
  /// @param reason why it failed; empty otherwise
  public record Row(
      String name, String state, long step, Optional<CheckpointState.Best> best, String reason) {}

  public SweepTable {
    rows =
        rows.stream()
            .sorted(
                Comparator.comparingDouble(
                    row ->
                        -row.best()
                            .map(CheckpointState.Best::score)
                            .orElse(Double.NEGATIVE_INFINITY)))
            .toList();
  }

  /// Looks at the folders of a sweep.
  public static SweepTable of(Path sweep, SweepPlan plan) throws IOException {
    List<Row> rows = new ArrayList<>();
    for (SweepPlan.Trial trial : plan.trials()) {
      rows.add(row(trial.name(), SweepPlan.folder(sweep, trial)));
    }
    return new SweepTable(rows);
  }

  private static Row row(String name, Path folder) throws IOException {
    Path checkpoints = folder.resolve("checkpoints");
    Optional<CheckpointState> state =
        new CheckpointStore(checkpoints, 1, "")
            .newestSound(Checkpoint.Use.MODEL)
            .checkpoint()
            .map(Checkpoint::state);
    Optional<String> failed = failure(folder);
    String said =
        failed.isPresent()
            ? "failed"
            : Files.exists(RunFolder.exported(folder))
                ? "finished"
                : state.isPresent() ? "stopped" : "waiting";
    return new Row(
        name,
        said,
        state.map(CheckpointState::step).orElse(0L),
        state.flatMap(CheckpointState::best),
        failed.orElse(""));
  }

  /// Why a run came to nothing, where it did in a way that it would again.
  public static Optional<String> failure(Path folder) throws IOException {
    Path file = folder.resolve(FAILED);
    return Files.exists(file) ? Optional.of(Files.readString(file).strip()) : Optional.empty();
  }

  /// Keeps why a run came to nothing, so that the sweep does not try it again.
  ///
  /// @throws DataException when it cannot be written
  public static void fail(Path folder, String reason) throws DataException {
    AtomicFile.write(folder.resolve(FAILED), FileContent.text(reason + "\n"));
  }

  /// For a person.
  public List<String> lines() {
    int width = rows.stream().mapToInt(row -> row.name().length()).max().orElse(0);
    List<String> lines = new ArrayList<>();
    for (Row row : rows) {
      String score =
          row.best()
              .map(
                  best ->
                      String.format(
                          Locale.ROOT,
                          "%s %.4f after step %d",
                          best.metric(),
                          best.value(),
                          best.step()))
              .orElse(row.state().equals("finished") ? "no evaluation gave a score" : "");
      lines.add(
          String.format(
                  Locale.ROOT,
                  "%-" + Math.max(1, width) + "s  %-8s  step %d  %s%s",
                  row.name(),
                  row.state(),
                  row.step(),
                  score,
                  row.reason().isEmpty() ? "" : "  " + row.reason())
              .stripTrailing());
    }
    return lines;
  }

  /// Writes `sweep.csv`.
  ///
  /// @throws DataException when it cannot be written
  public void write(Path sweep) throws DataException {
    StringBuilder text = new StringBuilder("run,state,step,metric,best,best_step,reason\n");
    for (Row row : rows) {
      List<String> cells = new ArrayList<>(List.of(row.name(), row.state()));
      cells.add(Long.toString(row.step()));
      cells.add(row.best().map(CheckpointState.Best::metric).orElse(""));
      cells.add(row.best().map(best -> Double.toString(best.value())).orElse(""));
      cells.add(row.best().map(best -> Long.toString(best.step())).orElse(""));
      cells.add(row.reason());
      text.append(String.join(",", cells.stream().map(SweepTable::quoted).toList())).append('\n');
    }
    AtomicFile.write(sweep.resolve(CSV), FileContent.text(text.toString()));
  }

  private static String quoted(String text) {
    return text.matches("[^\",\\r\\n]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
  }
}
