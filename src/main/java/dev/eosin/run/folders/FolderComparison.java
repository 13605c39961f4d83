package dev.eosin.run.folders;

import dev.eosin.config.DataException;
import dev.eosin.config.Difference;
import dev.eosin.report.Comparison;
import dev.eosin.report.MeasuredFolder;
import dev.eosin.report.Measurement;
import dev.eosin.report.TrainingLog;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// Folders of evaluations side by side, or of runs by what their logs say. [RunComparison] is about
/// what two runs do not share.
public final class FolderComparison {
  /// Keys of a recipe that decide what validation measures.
  private static final List<String> GROUND = List.of("data.validation", "evaluate");

  private FolderComparison() {}

  /// Compares folders.
  ///
  /// @param folders at least two, all of evaluations or all of runs
  /// @throws DataException when they are neither, of both kinds, or measured otherwise
  public static Comparison of(List<Path> folders) throws DataException {
    List<Path> evaluations = folders.stream().filter(MeasuredFolder::is).toList();
    List<Path> runs =
        folders.stream().filter(each -> !MeasuredFolder.is(each) && RunFolder.isRun(each)).toList();
    for (Path folder : folders) {
      if (!evaluations.contains(folder) && !runs.contains(folder)) {
        throw new DataException(
            folder
                + ": has neither evaluation.json nor a run; name folders of evaluations, or of runs");
      }
    }
    if (!evaluations.isEmpty() && !runs.isEmpty()) {
      throw new DataException(
          "%s is an evaluation and %s a run: a run's log was measured otherwise; evaluate the run, too"
              .formatted(evaluations.getFirst(), runs.getFirst()));
    }
    if (runs.isEmpty()) {
      List<MeasuredFolder> read = new ArrayList<>();
      for (Path folder : evaluations) {
        read.add(MeasuredFolder.read(folder));
      }
      return Comparison.of(read);
    }
    return ofRuns(runs);
  }

  private static Comparison ofRuns(List<Path> folders) throws DataException {
    List<RunOverview> runs = new ArrayList<>();
    List<TrainingLog> logs = new ArrayList<>();
    for (Path folder : folders) {
      runs.add(RunOverview.of(folder));
      logs.add(TrainingLog.read(RunFolder.log(folder)));
    }
    for (RunOverview other : runs.subList(1, runs.size())) {
      requireSameGround(runs.getFirst(), other);
    }
    List<String> notes = new ArrayList<>();
    notes.add(
        "logs have no results of single samples: no differences with intervals; evaluate the runs for these");
    List<Comparison.Row> rows = new ArrayList<>();
    for (String name : logs.getFirst().evaluations().keySet()) {
      Optional<Long> step = lastCommon(name, logs);
      if (step.isEmpty()) {
        notes.add(name + " was never measured at the same step in all");
      } else {
        rows.addAll(rows(name, step.get(), logs));
      }
    }
    if (rows.isEmpty()) {
      throw new DataException(
          "nothing can be compared: the runs have no evaluation at the same step in common");
    }
    return new Comparison(folders.stream().map(Path::toString).toList(), rows, notes);
  }

  private static void requireSameGround(RunOverview first, RunOverview other) throws DataException {
    for (Difference difference : first.recipe().differences(other.recipe())) {
      String key = difference.key();
      if (GROUND.stream()
          .anyMatch(of -> key.equals(of) || key.startsWith(of + ".") || key.startsWith(of + "["))) {
        throw new DataException(
            "%s and %s cannot be compared, they were measured otherwise: %s; evaluate both on the same data"
                .formatted(first.folder(), other.folder(), difference));
      }
    }
  }

  private static Optional<Long> lastCommon(String name, List<TrainingLog> logs) {
    Set<Long> common = new LinkedHashSet<>();
    for (int i = 0; i < logs.size(); i++) {
      List<Long> steps =
          logs.get(i).evaluations().getOrDefault(name, List.of()).stream()
              .map(TrainingLog.Measured::step)
              .toList();
      if (i == 0) {
        common.addAll(steps);
      } else {
        common.retainAll(steps);
      }
    }
    return common.stream().max(Long::compare);
  }

  private static List<Comparison.Row> rows(String name, long step, List<TrainingLog> logs) {
    List<Map<String, Measurement.Figure>> figures = new ArrayList<>();
    for (TrainingLog log : logs) {
      figures.add(
          Objects.requireNonNull(log.evaluations().get(name)).stream()
              .filter(each -> each.step() == step)
              .map(TrainingLog.Measured::figures)
              .reduce(new LinkedHashMap<>(), (_, last) -> last));
    }
    List<Comparison.Row> rows = new ArrayList<>();
    for (String figure : figures.getFirst().keySet()) {
      if (figures.stream().allMatch(each -> each.containsKey(figure))) {
        String of = "%s at step %d".formatted(name, step);
        List<Measurement.Figure> values =
            figures.stream().map(each -> Objects.requireNonNull(each.get(figure))).toList();
        rows.add(new Comparison.Row(of, figure, values, List.of()));
      }
    }
    return rows;
  }
}
