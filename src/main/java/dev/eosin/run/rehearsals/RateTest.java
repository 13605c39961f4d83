package dev.eosin.run.rehearsals;

import dev.eosin.data.batches.Batch;
import dev.eosin.data.batches.BatchLoader;
import dev.eosin.data.opened.DataSets;
import dev.eosin.experiment.RunSettings;
import dev.eosin.random.RandomKey;
import dev.eosin.run.OpenedLearner;
import dev.eosin.train.DivergedException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Locale;
import java.util.function.Consumer;

/// The learning rate range test (Smith 2017, arXiv 1506.01186, section 3.3) with a rate that grows
/// exponentially: every step of the recipe's training stream is taken at a higher rate, until the
/// loss diverges. The trained weights are thrown away.
public final class RateTest {
  private static final int STEPS_BETWEEN_LINES = 10;

  private RateTest() {}

  /// @param first the first step's rate
  /// @param last the last step's rate
  /// @param steps at most
  public record Range(double first, double last, int steps) {
    /// @throws IllegalArgumentException when the range is empty or the steps too few for a curve
    public Range {
      if (!(first > 0 && first < last && last < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException("--from must be above 0 and below --to");
      }
      if (steps < RateCurve.FEWEST_POINTS) {
        throw new IllegalArgumentException("--steps: at least " + RateCurve.FEWEST_POINTS);
      }
    }

    double rate(int step) {
      return first * Math.pow(last / first, step / (steps - 1.0));
    }
  }

  /// Takes the steps.
  ///
  /// @param told what a user should know about the first weights, then every tenth step
  /// @throws IOException when data or weights are at fault
  public static RateCurve run(RunSettings recipe, Range range, Consumer<String> told)
      throws IOException {
    recipe.experiment().check(true);
    DataSets data = recipe.experiment().data();
    var key = new RandomKey(recipe.seed());
    try (OpenedLearner learner = OpenedLearner.open(recipe, data);
        BatchLoader batches = data.previewBatches(key, recipe.batch(), recipe.batch().global())) {
      learner.notes().forEach(told);
      var curve = new ArrayList<RateCurve.Point>();
      var smoothing = new RateCurve.Smoothing();
      double chance = Double.NaN;
      int step = 0;
      while (step < range.steps) {
        double rate = range.rate(step);
        Batch batch = batches.next();
        chance = step == 0 ? learner.learner().range(batch).chance() : chance;
        long leftOut = learner.skippedSteps();
        double loss = learner.step(batch, rate);
        if (!Double.isFinite(loss)) {
          requireStart(step, loss);
          return new RateCurve(curve, true, chance);
        }
        // A step that the loss scale of fp16 leaves out says nothing about its rate.
        if (learner.skippedSteps() > leftOut) {
          told.accept("a step was left out, and is no point: the loss scale of fp16 was too high");
          continue;
        }
        step++;
        curve.add(new RateCurve.Point(rate, loss, smoothing.add(loss)));
        if (step % STEPS_BETWEEN_LINES == 0) {
          told.accept(line(step, range.steps, rate, loss));
        }
        if (smoothing.diverged()) {
          return new RateCurve(curve, true, chance);
        }
      }
      return new RateCurve(curve, false, chance);
    }
  }

  private static String line(int step, int steps, double rate, double loss) {
    return String.format(Locale.ROOT, "step %d/%d  lr %.2e  loss %.4f", step, steps, rate, loss);
  }

  private static void requireStart(int step, double loss) {
    if (step == 0) {
      throw new DivergedException(
          "the loss of the first weights is %s at any rate: look at the weights and the data ('eosin train --dry-run')"
              .formatted(loss));
    }
  }
}
