package dev.eosin.train;

import dev.eosin.checkpoint.CheckpointState;
import dev.eosin.tensor.DType;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// What a loss is multiplied by before it is differentiated, and what happens when gradients are
/// not finite. A value: each step gives the next one.
public sealed interface LossScaling {
  /// Multiplies the loss; gradients are divided by it again before anything looks at them.
  double scale();

  /// Steps left out so far because a gradient was not finite.
  long skippedSteps();

  /// After a step with finite gradients.
  LossScaling afterUpdate();

  /// After a step with gradients that are not finite, which is left out; none where no scale would
  /// help.
  Optional<LossScaling> afterOverflow();

  /// For [CheckpointState#more].
  Map<String, String> state();

  /// What a compute type needs, as a run goes on that stands at `state`.
  static LossScaling of(DType compute, CheckpointState state) {
    return compute == DType.FLOAT16 ? Dynamic.from(state) : new None();
  }

  /// Updates of the weights in a run that stands at `state`: its steps without those left out.
  static long updates(CheckpointState state) {
    return state.step() - Dynamic.from(state).skippedSteps();
  }

  /// fp32 and bf16 have the range that gradients need: one that is not finite is an error.
  record None() implements LossScaling {
    @Override
    public double scale() {
      return 1;
    }

    @Override
    public long skippedSteps() {
      return 0;
    }

    @Override
    public LossScaling afterUpdate() {
      return this;
    }

    @Override
    public Optional<LossScaling> afterOverflow() {
      return Optional.empty();
    }

    @Override
    public Map<String, String> state() {
      return Map.of();
    }
  }

  /// As torch's GradScaler: a gradient that is not finite halves the scale and leaves the step out,
  /// 2,000 good steps in a row double it, as long as it stays a finite fp32 number.
  ///
  /// @param goodSteps since the scale last changed
  record Dynamic(double scale, int goodSteps, long skippedSteps) implements LossScaling {
    private static final double INITIAL_SCALE = 65_536;
    private static final double FACTOR = 2;
    private static final int STEPS_TO_GROW = 2_000;

    /// Below, gradients of the loss itself exceed fp16.
    private static final double SMALLEST_SCALE = 1;

    private static final String SCALE = "precision.loss-scale";
    private static final String GOOD = "precision.good-steps";
    private static final String SKIPPED = "precision.skipped-steps";

    private static Dynamic from(CheckpointState state) {
      Map<String, String> more = state.more();
      return new Dynamic(
          Double.parseDouble(more.getOrDefault(SCALE, Double.toString(INITIAL_SCALE))),
          Integer.parseInt(more.getOrDefault(GOOD, "0")),
          Long.parseLong(more.getOrDefault(SKIPPED, "0")));
    }

    @Override
    public LossScaling afterUpdate() {
      if (goodSteps + 1 < STEPS_TO_GROW) {
        return new Dynamic(scale, goodSteps + 1, skippedSteps);
      }
      boolean finite = Float.isFinite((float) (scale * FACTOR));
      return new Dynamic(finite ? scale * FACTOR : scale, 0, skippedSteps);
    }

    @Override
    public Optional<LossScaling> afterOverflow() {
      double lower = scale / FACTOR;
      return lower < SMALLEST_SCALE
          ? Optional.empty()
          : Optional.of(new Dynamic(lower, 0, skippedSteps + 1));
    }

    @Override
    public Map<String, String> state() {
      var state = new HashMap<String, String>();
      state.put(SCALE, Double.toString(scale));
      state.put(GOOD, Integer.toString(goodSteps));
      state.put(SKIPPED, Long.toString(skippedSteps));
      return state;
    }
  }
}
