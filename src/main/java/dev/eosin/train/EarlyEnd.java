package dev.eosin.train;

import dev.eosin.checkpoint.CheckpointState;
import dev.eosin.config.DataException;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/// When a run ends before its schedule: after some evaluations without a better value. What it has
/// seen is in the further keys of a checkpoint's state, so that a run that resumes decides as if it
/// had never stopped; with another metric it begins to wait anew.
///
/// @param by what is looked at
public record EarlyEnd(StopEarlySettings settings, RankedBy by) {
  private static final String METRIC = "stop_early.metric";
  private static final String BEST = "stop_early.best";
  private static final String STEP = "stop_early.best_step";
  private static final String WAITED = "stop_early.waited";

  /// What the state keeps after an evaluation; nothing new where it was another one.
  ///
  /// @throws DataException when the evaluation has no such figure
  Map<String, String> noted(CheckpointState state, EvaluationReport report) throws DataException {
    if (!report.name().equals(by.evaluation())) {
      return Map.of();
    }
    OptionalDouble value = by.of(report);
    boolean known = isOurs(state);
    boolean better =
        value.isPresent()
            && (!known || by.isBetter(value.getAsDouble(), best(state), settings.leastGain()));
    if (better) {
      return Map.of(
          METRIC,
          by.metric(),
          BEST,
          Double.toString(value.getAsDouble()),
          STEP,
          Long.toString(report.step()),
          WAITED,
          "0");
    }
    return known ? Map.of(WAITED, Integer.toString(waited(state) + 1)) : Map.of();
  }

  private boolean isOurs(CheckpointState state) {
    return by.metric().equals(state.more().get(METRIC));
  }

  private static double best(CheckpointState state) {
    return Double.parseDouble(state.more().getOrDefault(BEST, "NaN"));
  }

  private static int waited(CheckpointState state) {
    return Integer.parseInt(state.more().getOrDefault(WAITED, "0"));
  }

  /// Whether the patience is at its end.
  boolean isOver(CheckpointState state) {
    return isOurs(state)
        && waited(state) >= settings.patience()
        && state.step() >= settings.notBefore().value();
  }

  /// For a person.
  public String said(CheckpointState state) {
    return String.format(
        Locale.ROOT,
        "ended early after step %d: %s has not become better in %d evaluations since step %s, %.4f",
        state.step(),
        by.metric(),
        waited(state),
        state.more().getOrDefault(STEP, "?"),
        best(state));
  }
}
