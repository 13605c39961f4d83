package dev.eosin.run.folders;

import dev.eosin.config.DataException;
import dev.eosin.export.Score;
import dev.eosin.recipe.models.StoredRun;
import dev.eosin.train.EvaluationReport;
import dev.eosin.train.logs.RunHistory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a run's log says of the weights that are taken from it, for cards.
public final class RunScores {
  private RunScores() {}

  /// Of the evaluations at the step of its checkpoint; none where there were none.
  ///
  /// @throws DataException when the log cannot be read
  public static List<Score> of(StoredRun run) throws DataException {
    long step = run.checkpoint().state().step();
    List<Score> scores = new ArrayList<>();
    RunHistory.read(RunFolder.log(run.run())).evaluations().stream()
        .filter(report -> report.step() == step)
        .forEach(report -> scores.addAll(scores(report)));
    return scores;
  }

  private static List<Score> scores(EvaluationReport report) {
    List<Score> scores = new ArrayList<>();
    Map<String, Double> metrics = report.metrics();
    for (Map.Entry<String, Double> metric : metrics.entrySet()) {
      String name = metric.getKey();
      if (name.endsWith("_low") || name.endsWith("_high")) {
        continue;
      }
      Double low = metrics.get(name + "_low");
      Double high = metrics.get(name + "_high");
      scores.add(
          new Score(
              report.name(),
              name,
              metric.getValue(),
              report.step(),
              low != null && high != null
                  ? Optional.of(new Score.Interval(low, high))
                  : Optional.empty()));
    }
    return scores;
  }
}
