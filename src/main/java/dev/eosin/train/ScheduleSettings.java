package dev.eosin.train;

import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.config.OrWritten;
import dev.eosin.config.Range;
import dev.eosin.config.Steps;
import dev.eosin.config.StepsOrShare;

/// The key `schedule` of a recipe: the learning rate of every step and the number of steps.
///
/// Source: open_clip 3.3.0 `open_clip_train/scheduler.py`.
@Doc("The learning rate over the run, and the run's length.")
public sealed interface ScheduleSettings {
  /// How passes over the training data are written; they are counted before a recipe is bound.
  String EPOCHS = "[0-9]+(\\.[0-9]+)? *epochs?";

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
      @Doc("Updates in the whole run, or passes over data.train.")
          @OrWritten(pattern = EPOCHS, example = "3 epochs")
          Steps length)
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
      @Doc("Updates in the whole run, or passes over data.train.")
          @OrWritten(pattern = EPOCHS, example = "3 epochs")
          Steps length)
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
      @Doc("Updates in the whole run, or passes over data.train.")
          @OrWritten(pattern = EPOCHS, example = "3 epochs")
          Steps length,
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

  /// LAVIS's `linear_warmup_cosine_lr`: a straight warm-up inside the first epoch, the peak until
  /// its end, then one rate for each epoch, of half a cosine down to an end rate that it does not
  /// quite reach. A last part of an epoch counts as one.
  ///
  /// Source: salesforce/LAVIS `lavis/common/optims.py`.
  @Named("epoch-cosine")
  @Doc(
      "Half a cosine from the peak towards an end rate, which changes between epochs only; the first epoch warms up and stays at the peak (LAVIS's linear_warmup_cosine_lr).")
  record EpochCosine(
      @Doc("Linear warm-up, in steps or as a share of the run; no longer than an epoch.")
          StepsOrShare warmup,
      @Doc("Updates in the whole run, or passes over data.train.")
          @OrWritten(pattern = EPOCHS, example = "3 epochs")
          Steps length,
      @Doc("Updates in an epoch: images divided by batch.global.") Steps epoch,
      @Doc("The rate of the first update of the warm-up.") @OrElse("0.0") @Range(min = 0)
          double warmupLr,
      @Doc("The rate that an epoch after the last would have.") @OrElse("0.0") @Range(min = 0)
          double endLr)
      implements ScheduleSettings {
    /// @throws IllegalArgumentException where a warm-up would be broken off, or an epoch is none
    public EpochCosine {
      if (epoch.value() < 1) {
        throw new IllegalArgumentException("epoch: %s, expected '1 step' or more".formatted(epoch));
      }
      if (warmup.of(length).value() > epoch.value()) {
        throw new IllegalArgumentException(
            "warmup: %s is longer than an epoch of %s, at whose end the cosine begins"
                .formatted(warmup, epoch));
      }
    }

    @Override
    public double learningRate(double peak, long update) {
      long warmupSteps = warmup.of(length).value();
      return update < warmupSteps
          ? warmupLr + (peak - warmupLr) * update / warmupSteps
          : rateAfterWarmup(peak, update);
    }

    @Override
    public double rateAfterWarmup(double peak, long update) {
      long number = update / epoch.value();
      double epochs = Math.ceilDiv(length.value(), epoch.value());
      return number == 0
          ? peak
          : (peak - endLr) * 0.5 * (1 + Math.cos(Math.PI * number / epochs)) + endLr;
    }
  }
}
