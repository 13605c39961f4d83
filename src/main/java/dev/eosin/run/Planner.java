package dev.eosin.run;

import dev.eosin.experiment.StepChoice;
import dev.eosin.train.machine.MemoryPlan;
import java.io.IOException;

/// Plans the memory of a recipe's step on one device.
@FunctionalInterface
public interface Planner {
  MemoryPlan plan(StepChoice choice) throws IOException;

  /// The plan of the largest number of rows at once that stays within `bytes`, in parts of about
  /// the same size; of 1 where even that needs more.
  ///
  /// @param all rows of a step
  default MemoryPlan within(StepChoice choice, int all, long bytes) throws IOException {
    MemoryPlan whole = plan(choice.withAtOnce(all));
    if (whole.cautious() <= bytes) {
      return whole;
    }
    int fits = 1;
    int tooMany = all + 1;
    while (tooMany - fits > 1) {
      int middle = (fits + tooMany) >>> 1;
      if (plan(choice.withAtOnce(middle)).cautious() <= bytes) {
        fits = middle;
      } else {
        tooMany = middle;
      }
    }
    return plan(choice.withAtOnce(Math.ceilDiv(all, Math.ceilDiv(all, fits))));
  }
}
