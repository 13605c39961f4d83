package dev.eosin.train;

import dev.eosin.checkpoint.CheckpointState;
import dev.eosin.config.DataException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/// What a run makes of its evaluations: which weights are the best, and whether it ends early.
/// Everything that it knows is in the state of checkpoints.
///
/// @param best what weights are ranked by; the families' own choice without it
/// @param early when the run ends early; never without it
public record Ranking(Optional<RankedBy> best, Optional<EarlyEnd> early) {
  /// The family's own choice of what is best, to the end of the schedule.
  public static final Ranking OF_FAMILY = new Ranking(Optional.empty(), Optional.empty());

  /// Of a recipe.
  ///
  /// @throws DataException when a metric is of no evaluation
  public static Ranking of(
      Optional<BestSettings> best,
      Optional<StopEarlySettings> early,
      List<? extends EvaluationSettings> evaluations)
      throws DataException {
    List<String> names = evaluations.stream().map(EvaluationSettings::name).toList();
    Optional<RankedBy> ranked = Optional.empty();
    if (best.isPresent()) {
      ranked = Optional.of(read("best.metric", best.get().metric(), best.get().better(), names));
    }
    if (early.isEmpty()) {
      return new Ranking(ranked, Optional.empty());
    }
    StopEarlySettings end = early.get();
    if (end.metric().isEmpty() && ranked.isEmpty()) {
      throw new DataException(
          "stop-early.metric: missing key; name one, such as %s.FIGURE, or give best.metric"
              .formatted(names.isEmpty() ? "EVALUATION" : names.getFirst()));
    }
    RankedBy by =
        end.metric().isPresent()
            ? read("stop-early.metric", end.metric().get(), end.better(), names)
            : ranked.orElseThrow();
    return new Ranking(ranked, Optional.of(new EarlyEnd(end, by)));
  }

  private static RankedBy read(
      String key, String metric, Optional<Better> better, List<String> names) throws DataException {
    Optional<RankedBy> read = RankedBy.read(metric, better, names);
    if (read.isEmpty()) {
      throw new DataException(
          "%s: '%s' is of no evaluation; write one of %s, a dot, and a figure as log.jsonl names it"
              .formatted(key, metric, names));
    }
    return read.get();
  }

  /// The state after an evaluation of its step.
  ///
  /// @param score the family's own choice of what checkpoints are ranked by
  /// @throws DataException when a metric is none of the evaluation's
  public CheckpointState noted(
      CheckpointState state, EvaluationReport report, Optional<String> score) throws DataException {
    CheckpointState after = ranked(state, report, score);
    return early.isPresent() ? after.with(early.get().noted(after, report)) : after;
  }

  private CheckpointState ranked(
      CheckpointState state, EvaluationReport report, Optional<String> score) throws DataException {
    Optional<RankedBy> by =
        best.isPresent()
            ? best
            : score
                .filter(report.metrics()::containsKey)
                .map(figure -> new RankedBy(report.name(), figure, Better.HIGHER));
    OptionalDouble value = by.isPresent() ? by.get().of(report) : OptionalDouble.empty();
    if (value.isEmpty()) {
      return state.evaluated(OptionalDouble.empty(), state.best());
    }
    boolean lower = by.get().better() == Better.LOWER;
    var found =
        new CheckpointState.Best(by.get().metric(), value.getAsDouble(), report.step(), lower);
    boolean better =
        state.best().filter(old -> old.sameMetric(found) && old.score() >= found.score()).isEmpty();
    return state.evaluated(
        OptionalDouble.of(found.score()), better ? Optional.of(found) : state.best());
  }

  /// Whether the state's weights are the best so far by the recipe's own metric, so that they are
  /// to be kept although no checkpoint is due.
  boolean savesBest(CheckpointState state) {
    return best.isPresent()
        && state.best().filter(found -> found.step() == state.step()).isPresent();
  }

  /// Whether the run ends here, before the end of its schedule.
  public boolean isOver(CheckpointState state) {
    return early.filter(end -> end.isOver(state)).isPresent();
  }
}
