package dev.eosin.train;

import dev.eosin.data.batches.Batch;
import dev.eosin.group.Group;
import dev.eosin.tensor.GradientSink;
import dev.eosin.train.optimisers.EarlyUpdates;
import dev.eosin.train.optimisers.Optimiser;
import dev.eosin.train.optimisers.SharedGradients;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;

/// Takes the updates of a learner, one batch at a time, for whoever chooses batches and rates. On
/// several ranks each brings its share of a batch, and all make the same update.
public final class Updater {
  /// What came of a batch.
  ///
  /// @param losses of all ranks' shares, before the update
  /// @param norm of the gradients, before clipping
  /// @param applied whether the weights changed; not where a gradient is not finite
  /// @param left what to go on with; empty where a gradient is not finite at any scale
  public record Outcome(Losses losses, double norm, boolean applied, Optional<LossScaling> left) {}

  private final Learner learner;
  private final Optimiser optimiser;
  private final Optional<WeightAverage> average;
  private final Group group;
  private final SharedGradients gradients;
  private LossScaling scaling;

  /// @param scaling to begin with, see [LossScaling#of]
  /// @throws IllegalArgumentException for early updates on several ranks or with a loss scale
  public Updater(
      Learner learner,
      Optimiser optimiser,
      Optional<WeightAverage> average,
      Group group,
      LossScaling scaling) {
    this(learner, optimiser, average, group, scaling, true);
  }

  /// As above.
  ///
  /// @param overlaps whether gradients of several ranks are summed while the backward pass goes on
  public Updater(
      Learner learner,
      Optimiser optimiser,
      Optional<WeightAverage> average,
      Group group,
      LossScaling scaling,
      boolean overlaps) {
    this.learner = learner;
    this.optimiser = optimiser;
    this.average = average;
    this.group = group;
    this.gradients = new SharedGradients(group, optimiser, overlaps);
    this.scaling = scaling;
    if (optimiser.updatesEarly() && (group.size() > 1 || scaling.scale() != 1)) {
      throw new IllegalArgumentException(
          "optimizer.updates: early needs one process and no loss scale (fp32 or bf16); here are %d ranks and a scale of %.0f"
              .formatted(group.size(), scaling.scale()));
    }
  }

  /// What the next loss is multiplied by.
  public LossScaling scaling() {
    return scaling;
  }

  /// One update at a rate, or none where a gradient is not finite.
  ///
  /// @param batch this rank's share
  /// @param number of the update if none was left out before, from 1
  /// @param judge told the total loss before anything is differentiated, on several ranks before
  ///   anything is applied; may throw
  /// @param phases told what begins
  public Outcome step(
      Batch batch, double rate, long number, DoubleConsumer judge, Consumer<StepPhase> phases) {
    try {
      phases.accept(StepPhase.FORWARD);
      if (optimiser.updatesEarly()) {
        return earlyStep(batch, rate, number, judge, phases);
      }
      Losses own = differentiate(batch, judge, phases, gradients);
      gradients.finish();
      Losses losses = own.sum(group);
      if (group.size() > 1) {
        judge.accept(losses.total());
      }
      phases.accept(StepPhase.OPTIMISER);
      double norm = optimiser.gradientNorm(scaling.scale());
      if (!Double.isFinite(norm)) {
        Optional<LossScaling> lower = scaling.afterOverflow();
        scaling = lower.orElse(scaling);
        return new Outcome(losses, norm, false, lower);
      }
      optimiser.update(rate, scaling.scale());
      return updated(losses, norm, number);
    } finally {
      gradients.drop();
      optimiser.dropGradients();
    }
  }

  private Losses differentiate(
      Batch batch, DoubleConsumer judge, Consumer<StepPhase> phases, GradientSink sink) {
    double weight = group.sum(learner.weight(batch));
    return learner.differentiate(
        batch,
        weight,
        scaling.scale(),
        value -> {
          // Several ranks know the total when all are through: meanwhile their gradients leave.
          if (group.size() == 1) {
            judge.accept(value);
          }
          phases.accept(StepPhase.BACKWARD);
        },
        sink);
  }

  /// Where a gradient is not finite, weights above it are changed already: the run ends, and its
  /// last checkpoint has the weights before.
  private Outcome earlyStep(
      Batch batch, double rate, long number, DoubleConsumer judge, Consumer<StepPhase> phases) {
    EarlyUpdates updates = optimiser.early(rate);
    Losses losses = differentiate(batch, judge, phases, updates);
    double norm = updates.norm();
    return Double.isFinite(norm)
        ? updated(losses, norm, number)
        : new Outcome(losses, norm, false, Optional.empty());
  }

  private Outcome updated(Losses losses, double norm, long number) {
    long update = number - scaling.skippedSteps();
    learner.updated(update);
    average.ifPresent(kept -> kept.follow(update));
    scaling = scaling.afterUpdate();
    return new Outcome(losses, norm, true, Optional.of(scaling));
  }
}
