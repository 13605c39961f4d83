package dev.eosin.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.config.Share;
import dev.eosin.config.Steps;
import org.junit.jupiter.api.Test;

/// The values are open_clip's `scheduler.py` worked out by hand.
class ScheduleSettingsTest {
  private static final double PEAK = 2.0;

  private static double[] rates(ScheduleSettings schedule) {
    double[] rates = new double[(int) schedule.length().value()];
    for (int update = 0; update < rates.length; update++) {
      rates[update] = schedule.learningRate(PEAK, update);
    }
    return rates;
  }

  @Test
  void warmUpIsLinearAndReachesThePeakWithItsLastStep() {
    assertThat(rates(new ScheduleSettings.Constant(new Steps(4), new Steps(6))))
        .containsExactly(0.5, 1.0, 1.5, 2.0, 2.0, 2.0);
  }

  @Test
  void cosineStartsAtThePeakAndPassesHalfInTheMiddle() {
    assertThat(rates(new ScheduleSettings.Cosine(new Steps(0), new Steps(4))))
        .containsExactly(
            new double[] {2, 1 + Math.sqrt(0.5), 1, 1 - Math.sqrt(0.5)}, within(1e-15));
  }

  @Test
  void coolDownHoldsThePeakThenFallsToTheEndRate() {
    var linear =
        new ScheduleSettings.CoolDown(new Steps(1), new Steps(6), new Share(0.5), 1.0, 1.0);
    assertThat(rates(linear))
        .containsExactly(new double[] {2, 2, 2, 2, 5.0 / 3, 4.0 / 3}, within(1e-12));
    var quadratic =
        new ScheduleSettings.CoolDown(new Steps(0), new Steps(4), new Steps(2), 2.0, 0.0);
    assertThat(rates(quadratic)).containsExactly(new double[] {2, 2, 2, 0.5}, within(1e-12));
  }

  @Test
  void aRunShorterThanOneStepOfItsWarmUpShareStillWarmsUp() {
    assertThat(rates(new ScheduleSettings.Cosine(new Share(0.05), new Steps(8)))[0])
        .isEqualTo(PEAK);
  }

  /// LAVIS's `linear_warmup_cosine_lr` of 4 epochs of 3 steps, recorded from its own functions.
  @Test
  void epochsHaveARateEachAfterTheFirstWarmedUp() {
    var schedule =
        new ScheduleSettings.EpochCosine(new Steps(2), new Steps(12), new Steps(3), 0.5, 0.25);
    assertThat(rates(schedule))
        .containsExactly(
            new double[] {
              0.5, 1.25, 2.0,
              1.743718433538229, 1.743718433538229, 1.743718433538229,
              1.125, 1.125, 1.125,
              0.506281566461771, 0.506281566461771, 0.506281566461771
            },
            within(1e-15));
  }

  @Test
  void aWarmUpThatAnEpochWouldBreakOffIsRefused() {
    assertThatThrownBy(
            () ->
                new ScheduleSettings.EpochCosine(
                    new Steps(4), new Steps(12), new Steps(3), 0.0, 0.0))
        .hasMessageContaining("warmup: 4 steps is longer than an epoch of 3 steps");
  }
}
