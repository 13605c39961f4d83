package dev.eosin.run.rehearsals;

import dev.eosin.data.batches.Batch;
import dev.eosin.data.opened.DataSets;
import dev.eosin.experiment.RunSettings;
import dev.eosin.random.RandomKey;
import dev.eosin.run.OpenedLearner;
import dev.eosin.train.DivergedException;
import dev.eosin.train.Learner;
import dev.eosin.train.LossRange;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/// Whether a recipe can learn a few batches by heart, without augmentation: a model, a loss, data
/// and a learning rate that cannot do this will not do more. Nothing is written.
///
/// @param batches learned
/// @param rows of a batch
/// @param duplicates of all rows, those whose caption an earlier row of the same batch has
/// @param steps that changed the weights
/// @param start the loss before the first, mean over the batches, without label smoothing
/// @param end the loss after the last; not a number where it was no longer finite
/// @param floor the least loss that captions this alike allow, and the teacher where there is one
/// @param chance the loss of a model that cannot tell the pairs of a batch apart; ln b for the
///   contrastive loss alone
/// @param trained weights that the optimiser changes
/// @param weights of the model
public record Overfit(
    int batches,
    int rows,
    int duplicates,
    int steps,
    double start,
    double end,
    double floor,
    double chance,
    long trained,
    long weights) {
  /// The share of the way from floor to chance that must be left at most.
  private static final double ENOUGH = 0.1;

  private static final int STEPS_BETWEEN_LOOKS = 10;
  private static final int WARMUP_STEPS = 10;

  /// Trains at the recipe's rate, after a warm-up of ten steps, until the loss is close to its
  /// floor.
  ///
  /// @param batches how many are learned
  /// @param most steps at most
  /// @param told what a user should know about the first weights, then the loss every ten steps
  /// @throws IOException when data or weights are at fault
  public static Overfit of(RunSettings recipe, int batches, int most, Consumer<String> told)
      throws IOException {
    recipe.experiment().check(true);
    DataSets data = recipe.experiment().data();
    List<Batch> kept = data.plainBatches(new RandomKey(recipe.seed()), recipe.batch(), batches);
    try (OpenedLearner opened = OpenedLearner.open(recipe, data)) {
      Learner learner = opened.learner();
      opened.notes().forEach(told);
      List<LossRange> ranges = kept.stream().map(learner::range).toList();
      double chance = ranges.stream().mapToDouble(LossRange::chance).average().orElseThrow();
      double floor = ranges.stream().mapToDouble(LossRange::floor).average().orElseThrow();
      double start = loss(learner, kept);
      double end = start;
      int step = 0;
      while (step < most && end > enough(floor, chance)) {
        double rate = recipe.optimizer().lr() * Math.min(1, (step + 1.0) / WARMUP_STEPS);
        long leftOut = opened.skippedSteps();
        double loss = opened.step(kept.get(step % kept.size()), rate);
        if (!Double.isFinite(loss)) {
          end = Double.NaN;
        } else if (opened.skippedSteps() == leftOut) {
          step++;
          if (step % STEPS_BETWEEN_LOOKS == 0 || step == most) {
            end = loss(learner, kept);
            told.accept(text("step %d/%d  loss %.4f", step, most, end));
          }
        }
      }
      if (opened.skippedSteps() > 0) {
        told.accept(
            text(
                "%d further steps changed nothing and do not count: the loss scale was too high",
                opened.skippedSteps()));
      }
      int duplicates = ranges.stream().mapToInt(LossRange::alike).sum();
      return new Overfit(
          batches,
          recipe.batch().global(),
          duplicates,
          step,
          start,
          end,
          floor,
          chance,
          opened.trained(),
          opened.weights());
    }
  }

  private static double loss(Learner learner, List<Batch> batches) {
    try {
      return batches.stream().mapToDouble(learner::measure).average().orElseThrow();
    } catch (DivergedException broken) {
      return Double.NaN;
    }
  }

  /// Whether the loss came close to its floor.
  public boolean learned() {
    return end <= enough(floor, chance);
  }

  private static double enough(double floor, double chance) {
    return floor + ENOUGH * (chance - floor);
  }

  /// For a person to read: figures, verdict, and where it is bad what to look at.
  public List<String> lines() {
    var lines = new ArrayList<String>();
    lines.add(
        text(
            "loss      %.4f at the start, %.4f after %d steps; floor %.4f, chance %.4f",
            start, end, steps, floor, chance));
    lines.add(
        text(
            "captions  %d x %d rows, %d with the caption of an earlier row of their batch",
            batches, rows, duplicates));
    lines.add(text("weights   %,d of %,d are trained", trained, weights));
    if (learned()) {
      lines.add(
          text(
              "learned   the loss came %.0f %% of the way from chance to its floor",
              100 - 100 * ENOUGH));
    } else {
      lines.add(text("not learned: the loss did not come below %.4f", enough(floor, chance)));
      lines.addAll(advice());
    }
    return lines;
  }

  private List<String> advice() {
    var advice = new ArrayList<String>();
    if (Double.isNaN(end)) {
      advice.add("- the loss is no longer finite: lower optimizer.lr, or set optimizer.clip-norm");
    } else if (end > start) {
      advice.add("- the loss rose: lower optimizer.lr ('eosin lr-find' suggests one)");
    } else {
      advice.add(
          "- the loss fell too slowly: give more --steps, or raise optimizer.lr ('eosin lr-find' suggests one)");
    }
    if (trained < weights) {
      advice.add(text("- %,d weights are frozen: train more of the towers", weights - trained));
    }
    if (duplicates > 0) {
      advice.add(
          "- rows of one caption cannot be told apart: 'eosin data stats' counts duplicates, and a smaller batch.global has fewer");
    }
    advice.add(
        "- look at the pairs: 'eosin train --dry-run' draws the first batch with its captions");
    return advice;
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
