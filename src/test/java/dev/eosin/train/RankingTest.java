package dev.eosin.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.checkpoint.CheckpointState;
import dev.eosin.config.DataException;
import dev.eosin.config.Steps;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What a run makes of the values of its evaluations.
class RankingTest {
  private record Named(String name, Steps every) implements EvaluationSettings {}

  private static final List<Named> EVALUATIONS =
      List.of(new Named("pairs", new Steps(1)), new Named("pairs.of", new Steps(1)));

  private static Optional<BestSettings> best(String metric) {
    return Optional.of(new BestSettings(metric, Optional.empty(), BestSettings.Exported.LAST));
  }

  private static Optional<StopEarlySettings> early(int patience, double gain, long notBefore) {
    return Optional.of(
        new StopEarlySettings(
            Optional.empty(), Optional.empty(), patience, gain, new Steps(notBefore)));
  }

  private static CheckpointState at(long step, CheckpointState before) {
    CheckpointState state = before;
    while (state.step() < step) {
      state = state.advanced(1, state.step() + 1, Map.of());
    }
    return state;
  }

  /// The states after a value at each step.
  private static CheckpointState noted(Ranking ranking, String figure, double... values)
      throws DataException {
    CheckpointState state = CheckpointState.beginning(7, Map.of());
    for (int step = 0; step < values.length; step++) {
      var report = new EvaluationReport(step, "pairs", Map.of(figure, values[step]));
      state = ranking.noted(at(step, state), report, Optional.empty());
    }
    return state;
  }

  @Test
  void lossesAreBetterWhereTheyAreLower() throws DataException {
    Ranking ranking = Ranking.of(best("pairs.loss"), Optional.empty(), EVALUATIONS);
    CheckpointState state = noted(ranking, "loss", 3, 1, 2);
    assertThat(state.best()).contains(new CheckpointState.Best("pairs.loss", 1, 1, true));
    assertThat(state.score()).hasValue(-2);
    assertThat(ranking.savesBest(state)).isFalse();
    assertThat(ranking.savesBest(noted(ranking, "loss", 3, 1))).isTrue();
    assertThat(ranking.isOver(state)).isFalse();
  }

  @Test
  void theLongestNameOfAnEvaluationCounts() throws DataException {
    Ranking ranking = Ranking.of(best("pairs.of.recall"), Optional.empty(), EVALUATIONS);
    assertThat(ranking.best()).contains(new RankedBy("pairs.of", "recall", Better.HIGHER));
    var other = new EvaluationReport(0, "pairs", Map.of("loss", 1.0));
    CheckpointState state = CheckpointState.beginning(7, Map.of());
    assertThat(ranking.noted(state, other, Optional.of("loss")).best()).isEmpty();
  }

  @Test
  void aRunIsOverAfterSomeEvaluationsWithoutAGain() throws DataException {
    Ranking ranking = Ranking.of(best("pairs.recall"), early(2, 0.1, 0), EVALUATIONS);
    assertThat(ranking.isOver(noted(ranking, "recall", 0.5, 0.55))).isFalse();
    CheckpointState over = noted(ranking, "recall", 0.5, 0.55, 0.59);
    assertThat(ranking.isOver(over)).isTrue();
    // Best is the largest all the same: a gain that is small is one.
    assertThat(over.best().orElseThrow().step()).isEqualTo(2);
    assertThat(ranking.early().orElseThrow().said(over))
        .isEqualTo(
            "ended early after step 2: pairs.recall has not become better in 2 evaluations since step 0, 0.5000");
    assertThat(ranking.isOver(noted(ranking, "recall", 0.5, 0.55, 0.7))).isFalse();
    assertThat(ranking.isOver(noted(ranking, "recall", 0.5, Double.NaN, Double.NaN))).isTrue();
    Ranking later = Ranking.of(best("pairs.recall"), early(2, 0.1, 3), EVALUATIONS);
    assertThat(later.isOver(noted(later, "recall", 0.5, 0.5, 0.5))).isFalse();
    assertThat(later.isOver(noted(later, "recall", 0.5, 0.5, 0.5, 0.5))).isTrue();
  }

  @Test
  void anotherMetricBeginsToWaitAnew() throws DataException {
    Ranking first = Ranking.of(best("pairs.recall"), early(1, 0, 0), EVALUATIONS);
    CheckpointState state = noted(first, "recall", 0.5, 0.4);
    assertThat(first.isOver(state)).isTrue();
    Ranking second = Ranking.of(best("pairs.loss"), early(1, 0, 0), EVALUATIONS);
    assertThat(second.isOver(state)).isFalse();
    CheckpointState after =
        second.noted(
            at(2, state), new EvaluationReport(2, "pairs", Map.of("loss", 9.0)), Optional.empty());
    assertThat(second.isOver(after)).isFalse();
    assertThat(after.best().orElseThrow().metric()).isEqualTo("pairs.loss");
  }

  @Test
  void whatDoesNotExistIsNamedWithWhatDoes() {
    assertThatThrownBy(() -> Ranking.of(best("tiles.top1"), Optional.empty(), EVALUATIONS))
        .hasMessageContaining("'tiles.top1' is of no evaluation; write one of [pairs, pairs.of]");
    assertThatThrownBy(() -> Ranking.of(Optional.empty(), early(1, 0, 0), EVALUATIONS))
        .hasMessageContaining("stop-early.metric: missing key; name one, such as pairs.FIGURE");
    assertThatThrownBy(
            () -> {
              Ranking ranking = Ranking.of(best("pairs.top1"), Optional.empty(), EVALUATIONS);
              noted(ranking, "loss", 1);
            })
        .hasMessageContaining("the evaluation 'pairs' has no figure 'top1'; it has loss");
  }
}
