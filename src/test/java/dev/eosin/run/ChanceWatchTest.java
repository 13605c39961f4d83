package dev.eosin.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.train.LossRange;
import dev.eosin.train.LossScaling;
import dev.eosin.train.StepReport;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

/// A run that has collapsed is told from one that has learned, and from one that still learns.
class ChanceWatchTest {
  private static final double CHANCE = Math.log(8);
  private static final LossRange RANGE = new LossRange(0, CHANCE, 0, true);

  private static ChanceWatch after(double loss, double norm, int updates) {
    var watch = new ChanceWatch(1_000_000);
    watch.step(report(1, 2 * CHANCE, 3));
    for (int step = 2; step <= updates + 1; step++) {
      watch.step(report(step, loss, norm));
    }
    return watch;
  }

  private static StepReport report(long step, double loss, double norm) {
    return new StepReport(
        step,
        loss,
        1e-3,
        norm,
        Map.of(),
        8,
        step * 8,
        1,
        0,
        0,
        0,
        new LossScaling.None(),
        Optional.empty());
  }

  @Test
  void noGradientAtChanceIsSaid() {
    ChanceWatch collapsed = after(CHANCE, 1e-7, ChanceWatch.WINDOW);
    assertThat(collapsed.stands()).isTrue();
    assertThat(collapsed.verdict(RANGE).orElseThrow())
        .startsWith(
            "the run ends at chance: the loss of the last 10 updates is 2.0794, that of a model that answers everything alike 2.0794, and the gradient norm is at most 1.0e-07")
        .contains("Lower optimizer.lr");
  }

  /// As runs at a rate of 30 ended: weights so large that the gradient means nothing, whatever its
  /// size is at last.
  @Test
  void aBlownUpGradientAtChanceIsSaidToo() {
    assertThat(after(CHANCE, 3e16, ChanceWatch.WINDOW).verdict(RANGE).orElseThrow())
        .contains("the gradient norm was up to 3.0e+16, so nothing is learned any more")
        .contains("Lower optimizer.lr");
    ChanceWatch settled = after(CHANCE, 3e16, 1);
    for (int step = 0; step < ChanceWatch.WINDOW; step++) {
      settled.step(report(step + 3, CHANCE, 1.5));
    }
    assertThat(settled.verdict(RANGE).orElseThrow()).contains("was up to 3.0e+16");
    assertThat(after(2 * CHANCE, 3e16, ChanceWatch.WINDOW).verdict(RANGE)).isEmpty();
    assertThat(after(CHANCE, 3e3, ChanceWatch.WINDOW).stands()).isFalse();
  }

  @Test
  void whatHasLearnedOrStillLearnsIsLeftAlone() {
    assertThat(after(0.01, 1e-7, ChanceWatch.WINDOW).verdict(RANGE)).isEmpty();
    assertThat(after(CHANCE, 0.5, ChanceWatch.WINDOW).verdict(RANGE)).isEmpty();
    assertThat(after(CHANCE, 1e-7, ChanceWatch.WINDOW - 2).stands()).isFalse();
  }

  /// The losses of a run, its gradient being that of one that learns.
  private static Optional<String> end(int steps, IntToDoubleFunction losses) {
    var watch = new ChanceWatch(steps);
    for (int step = 1; step <= steps; step++) {
      watch.step(report(step, losses.applyAsDouble(step), 0.5));
    }
    return watch.stands() ? watch.verdict(RANGE) : Optional.empty();
  }

  /// As small runs with too short a warm-up ended: from above to the loss of chance, and there.
  @Test
  void aRunThatStaysAtChanceIsToldSoWhateverItsGradient() {
    assertThat(end(62, step -> CHANCE + 4e-4 * (step % 2) + 0.3 / (step * step)).orElseThrow())
        .startsWith(
            "the run ends at chance: the loss of the last 20 updates is from 2.0795 to 2.0800, that of a model that answers everything alike 2.0794, so that these learned nothing. Lower optimizer.lr")
        .endsWith("or set optimizer.clip-norm; where the rate is right, train longer");
  }

  @Test
  void aRunThatLearnsSlowlyIsLeftAlone() {
    // Out of the plateau, by little and below chance.
    assertThat(end(100, step -> CHANCE - 1e-5 * step)).isEmpty();
    // Still above it, and falling.
    assertThat(end(100, step -> CHANCE * (1 + 1e-4 * (100 - step)))).isEmpty();
    // Batches that differ, about chance.
    assertThat(end(100, step -> CHANCE + 0.03 * Math.sin(step))).isEmpty();
    // Away from chance, and flat.
    assertThat(end(100, step -> 1.01 * CHANCE)).isEmpty();
  }

  @Test
  void aShortRunAndALossThatDoesNotTellAreLeftAlone() {
    assertThat(end(20, step -> CHANCE)).isEmpty();
    assertThat(end(44, step -> CHANCE)).isEmpty();
    assertThat(end(45, step -> CHANCE)).isPresent();
    var soft = new ChanceWatch(60);
    var resumed = new ChanceWatch(60);
    for (int step = 1; step <= 60; step++) {
      soft.step(report(step, CHANCE, 0.5));
      if (step > 45) {
        resumed.step(report(step, CHANCE, 0.5));
      }
    }
    assertThat(soft.verdict(RANGE)).isPresent();
    assertThat(soft.verdict(new LossRange(0, CHANCE, 0))).isEmpty();
    assertThat(resumed.stands()).as("too little was seen").isFalse();
  }
}
