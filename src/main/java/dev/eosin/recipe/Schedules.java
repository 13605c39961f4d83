package dev.eosin.recipe;

import dev.eosin.config.Checked;
import dev.eosin.config.DataException;
import dev.eosin.experiment.TrainingSettings;
import dev.eosin.train.Ranking;
import dev.eosin.train.ScheduleSettings;
import dev.eosin.train.optimisers.OptimizerSettings;

/// What no schedule of any training may be, and no ranking of its weights.
final class Schedules {
  private Schedules() {}

  static void check(
      ScheduleSettings schedule, OptimizerSettings optimizer, Checked.Findings findings) {
    if (schedule.length().value() < 1) {
      findings.add("schedule.length", "a run needs at least '1 step'");
    } else if (schedule.warmup().of(schedule.length()).value() > schedule.length().value()) {
      findings.add(
          "schedule.warmup",
          "%s is longer than the run of %s; write a share such as '5 %%'"
              .formatted(schedule.warmup(), schedule.length()));
    } else if (schedule instanceof ScheduleSettings.CoolDown coolDown) {
      checkCoolDown(coolDown, optimizer, findings);
    } else if (schedule instanceof ScheduleSettings.EpochCosine byEpoch) {
      checkRates(byEpoch, optimizer, findings);
    }
  }

  /// What ranks checkpoints and ends a run early has to be of an evaluation.
  static void checkRanking(TrainingSettings recipe, Checked.Findings findings) {
    try {
      Ranking.of(recipe.best(), recipe.stopEarly(), recipe.evaluate());
    } catch (DataException e) {
      String said = String.valueOf(e.getMessage());
      int key = said.indexOf(": ");
      findings.add(said.substring(0, key), said.substring(key + 2));
    }
  }

  /// Rates of the beginning and the end that are no beginning and no end.
  private static void checkRates(
      ScheduleSettings.EpochCosine schedule,
      OptimizerSettings optimizer,
      Checked.Findings findings) {
    if (schedule.warmupLr() > optimizer.lr()) {
      findings.add(
          "schedule.warmup-lr",
          "%s is above optimizer.lr of %s, so the rate would fall in the warm-up; lower it"
              .formatted(schedule.warmupLr(), optimizer.lr()));
    }
    if (schedule.endLr() > optimizer.lr()) {
      findings.add(
          "schedule.end-lr",
          "%s is above optimizer.lr of %s, so the rate would rise after the first epoch; lower it"
              .formatted(schedule.endLr(), optimizer.lr()));
    }
  }

  /// The rate would begin below the peak, or jump, or rise towards the end.
  private static void checkCoolDown(
      ScheduleSettings.CoolDown schedule, OptimizerSettings optimizer, Checked.Findings findings) {
    long rising = schedule.warmup().of(schedule.length()).value();
    long falling = schedule.coolDown().of(schedule.length()).value();
    if (rising + falling > schedule.length().value()) {
      findings.add(
          "schedule.cool-down",
          "%s and schedule.warmup of %s are longer than the run of %s; shorten one of them"
              .formatted(schedule.coolDown(), schedule.warmup(), schedule.length()));
    }
    if (schedule.endLr() > optimizer.lr()) {
      findings.add(
          "schedule.end-lr",
          "%s is above optimizer.lr of %s, so the rate would rise in the cool-down; lower it"
              .formatted(schedule.endLr(), optimizer.lr()));
    }
  }
}
