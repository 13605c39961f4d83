package dev.eosin.train;

import dev.eosin.data.batches.Batch;
import dev.eosin.group.Group;
import dev.eosin.tensor.GradientSink;
import dev.eosin.tensor.ScalarReads;
import dev.eosin.train.optimisers.EarlyUpdates;
import dev.eosin.train.optimisers.Optimiser;
import dev.eosin.train.optimisers.SharedGradients;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;
import java.util.function.DoubleSupplier;

/// Takes the updates of a learner, one batch at a time, for whoever chooses batches and rates. On
/// several ranks each brings its share of a batch, and all make the same update.
public final class Updater {
  /// What came of a batch.
  ///
  /// @param losses of all ranks' shares, before the update
  /// @param norm of the gradients, before clipping
  /// @param figures of the learner, after it
  /// @param applied whether the weights changed as they should; not where a gradient is not finite
  /// @param left what to go on with; empty where a gradient is not finite at any scale
  public record Outcome(
      Losses losses,
      double norm,
      Map<String, Double> figures,
      boolean applied,
      Optional<LossScaling> left) {
    public Outcome {
      figures = Collections.unmodifiableMap(new LinkedHashMap<>(figures));
    }
  }

  private final Learner learner;
  private final Optimiser optimiser;
  private final Optional<WeightAverage> average;
  private final Group group;
  private final SharedGradients gradients;
  private final StepReads reads;
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
    this(
        learner,
        optimiser,
        average,
        group,
        scaling,
        overlaps,
        StepReads.of(learner, optimiser, group));
  }

  /// As above.
  ///
  /// @param reads when the step's numbers are read
  /// @throws IllegalArgumentException also for reads together where a step has to know between its
  ///   passes
  public Updater(
      Learner learner,
      Optimiser optimiser,
      Optional<WeightAverage> average,
      Group group,
      LossScaling scaling,
      boolean overlaps,
      StepReads reads) {
    this.learner = learner;
    this.reads = reads;
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
    if (reads == StepReads.TOGETHER && !StepReads.canWait(learner, optimiser, group)) {
      throw new IllegalArgumentException(
          "reads together need one process, no loss scale and no early updates");
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
  ///   anything is applied, with [StepReads#TOGETHER] at the end; may throw
  /// @param phases told what begins
  public Outcome step(
      Batch batch, double rate, long number, DoubleConsumer judge, Consumer<StepPhase> phases) {
    try {
      phases.accept(StepPhase.FORWARD);
      if (optimiser.updatesEarly()) {
        return earlyStep(batch, rate, number, judge, phases);
      }
      return switch (reads) {
        case AS_FOUND -> knowingStep(batch, rate, number, judge, phases);
        case TOGETHER -> waitingStep(batch, rate, number, judge, phases);
      };
    } finally {
      gradients.drop();
      optimiser.dropGradients();
    }
  }

  private Outcome knowingStep(
      Batch batch, double rate, long number, DoubleConsumer judge, Consumer<StepPhase> phases) {
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
      return new Outcome(losses, norm, figures(), false, lower);
    }
    optimiser.update(rate, scaling.scale());
    return updated(losses, norm, number);
  }

  private Losses differentiate(
      Batch batch, DoubleConsumer judge, Consumer<StepPhase> phases, GradientSink sink) {
    var losses =
        new StepLosses(
            ScalarReads.atOnce(),
            known -> {
              // Several ranks know the total when all are through: meanwhile their gradients leave.
              if (group.size() == 1) {
                judge.accept(known.sum().total());
              }
              phases.accept(StepPhase.BACKWARD);
            });
    learner.differentiate(batch, group.sum(learner.weight(batch)), scaling.scale(), losses, sink);
    return losses.sum();
  }

  /// Asks for everything, then waits for the device.
  private Outcome waitingStep(
      Batch batch, double rate, long number, DoubleConsumer judge, Consumer<StepPhase> phases) {
    try (ScalarReads later = ScalarReads.together(learner.parameters().engine())) {
      var losses = new StepLosses(later, _ -> phases.accept(StepPhase.BACKWARD));
      learner.differentiate(batch, learner.weight(batch), 1, losses, gradients);
      gradients.finish();
      phases.accept(StepPhase.OPTIMISER);
      DoubleSupplier norm = optimiser.gradientNorm(later);
      optimiser.update(rate);
      follow(number);
      Map<String, DoubleSupplier> figures = learner.figures(later);
      later.take();
      judge.accept(losses.sum().total());
      boolean finite = Double.isFinite(norm.getAsDouble());
      return new Outcome(
          losses.sum(),
          norm.getAsDouble(),
          values(figures),
          finite,
          finite ? Optional.of(scaling) : Optional.empty());
    }
  }

  /// What the learner says of itself, read now.
  private Map<String, Double> figures() {
    return values(learner.figures(ScalarReads.atOnce()));
  }

  private static Map<String, Double> values(Map<String, DoubleSupplier> figures) {
    Map<String, Double> values = new LinkedHashMap<>();
    figures.forEach((name, value) -> values.put(name, value.getAsDouble()));
    return values;
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
        : new Outcome(losses, norm, figures(), false, Optional.empty());
  }

  private Outcome updated(Losses losses, double norm, long number) {
    follow(number);
    return new Outcome(losses, norm, figures(), true, Optional.of(scaling));
  }

  private void follow(long number) {
    long update = number - scaling.skippedSteps();
    learner.updated(update);
    average.ifPresent(kept -> kept.follow(update));
    scaling = scaling.afterUpdate();
  }

  /// Whether a step that is not finite has changed weights in memory by the time that is known.
  boolean changesFirst() {
    return optimiser.updatesEarly() || reads == StepReads.TOGETHER;
  }
}
