package dev.eosin.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.train.LossScaling;
import dev.eosin.train.StepReport;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// A run that has collapsed is told from one that has learned, and from one that still learns.
class ChanceWatchTest {
  private static final double CHANCE = Math.log(8);

  private static ChanceWatch after(double loss, double norm, int updates) {
    var watch = new ChanceWatch();
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
    assertThat(collapsed.verdict(CHANCE).orElseThrow())
        .startsWith(
            "the run ends at chance: the loss of the last 10 updates is 2.0794, that of a model that answers everything alike 2.0794, and the gradient norm is at most 1.0e-07")
        .contains("Lower optimizer.lr");
  }

  /// As runs at a rate of 30 ended: weights so large that the gradient means nothing, whatever its
  /// size is at last.
  @Test
  void aBlownUpGradientAtChanceIsSaidToo() {
    assertThat(after(CHANCE, 3e16, ChanceWatch.WINDOW).verdict(CHANCE).orElseThrow())
        .contains("the gradient norm was up to 3.0e+16, so nothing is learned any more")
        .contains("Lower optimizer.lr");
    ChanceWatch settled = after(CHANCE, 3e16, 1);
    for (int step = 0; step < ChanceWatch.WINDOW; step++) {
      settled.step(report(step + 3, CHANCE, 1.5));
    }
    assertThat(settled.verdict(CHANCE).orElseThrow()).contains("was up to 3.0e+16");
    assertThat(after(2 * CHANCE, 3e16, ChanceWatch.WINDOW).verdict(CHANCE)).isEmpty();
    assertThat(after(CHANCE, 3e3, ChanceWatch.WINDOW).stands()).isFalse();
  }

  @Test
  void whatHasLearnedOrStillLearnsIsLeftAlone() {
    assertThat(after(0.01, 1e-7, ChanceWatch.WINDOW).verdict(CHANCE)).isEmpty();
    assertThat(after(CHANCE, 0.5, ChanceWatch.WINDOW).verdict(CHANCE)).isEmpty();
    assertThat(after(CHANCE, 1e-7, ChanceWatch.WINDOW - 2).stands()).isFalse();
  }
}
