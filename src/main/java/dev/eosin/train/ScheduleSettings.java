package dev.eosin.train;

import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import dev.eosin.config.Steps;
import dev.eosin.config.StepsOrShare;

/// The key `schedule` of a recipe: the learning rate of every step and the number of steps.
///
/// Source: open_clip 3.3.0 `open_clip_train/scheduler.py`.
@Doc("The learning rate over the run, and the run's length.")
public sealed interface ScheduleSettings {
  /// Updates in the whole run.
  Steps length();

  /// Steps of linear warm-up.
  StepsOrShare warmup();

  /// The rate after warm-up.
  ///
  /// @param update number of updates already done, at least the warm-up
  double rateAfterWarmup(double peak, long update);

  /// The learning rate of the update that follows `update` updates, `peak` being the optimiser's
  /// rate.
  default double learningRate(double peak, long update) {
    long warmupSteps = warmup().of(length()).value();
    return update < warmupSteps ? peak * (update + 1) / warmupSteps : rateAfterWarmup(peak, update);
  }

  /// Half a cosine from the peak to zero.
  @Named("cosine")
  @Doc("Half a cosine from the peak to zero.")
  record Cosine(
      @Doc("Linear warm-up, in steps or as a share of the run.") StepsOrShare warmup,
      @Doc("Updates in the whole run.") Steps length)
      implements ScheduleSettings {
    @Override
    public double rateAfterWarmup(double peak, long update) {
      long warmupSteps = warmup.of(length).value();
      double part = (double) (update - warmupSteps) / Math.max(1, length.value() - warmupSteps);
      return 0.5 * (1 + Math.cos(Math.PI * part)) * peak;
    }
  }

  /// The peak throughout.
  @Named("constant")
  @Doc("The peak throughout.")
  record Constant(
      @Doc("Linear warm-up, in steps or as a share of the run.") StepsOrShare warmup,
      @Doc("Updates in the whole run.") Steps length)
      implements ScheduleSettings {
    @Override
    public double rateAfterWarmup(double peak, long update) {
      return peak;
    }
  }

  /// The peak, then a polynomial descent.
  @Named("cool-down")
  @Doc("The peak, then a polynomial descent to an end rate.")
  record CoolDown(
      @Doc("Linear warm-up, in steps or as a share of the run.") StepsOrShare warmup,
      @Doc("Updates in the whole run.") Steps length,
      @Doc("Last part of the run, in which the rate falls.") StepsOrShare coolDown,
      @Doc("Exponent of the descent; 1 is a straight line.") @OrElse("1.0") @Range(above = 0)
          double power,
      @Doc("The rate at the end.") @OrElse("0.0") @Range(min = 0) double endLr)
      implements ScheduleSettings {
    @Override
    public double rateAfterWarmup(double peak, long update) {
      long falling = coolDown.of(length).value();
      long start = length.value() - falling;
      if (update < start) {
        return peak;
      }
      double left = 1 - (double) (update - start) / falling;
      return Math.pow(left, power) * (peak - endLr) + endLr;
    }
  }
}
