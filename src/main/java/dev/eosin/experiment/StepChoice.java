package dev.eosin.experiment;

import dev.eosin.tensor.DType;
import java.util.Optional;
import java.util.OptionalInt;

/// What a memory plan tries in the place of what the recipe says.
///
/// @param atOnce rows that go through the model together
/// @param recomputes whether every block is computed again in the backward pass
/// @param compute the type of weights and activations
/// @param adapters whether adapters are trained instead of the model, see [Experiment#adapters()]
public record StepChoice(
    OptionalInt atOnce, boolean recomputes, Optional<DType> compute, boolean adapters) {
  /// As the recipe says.
  public static final StepChoice OF_RECIPE =
      new StepChoice(OptionalInt.empty(), false, Optional.empty(), false);

  public StepChoice withAtOnce(int rows) {
    return new StepChoice(OptionalInt.of(rows), recomputes, compute, adapters);
  }

  public StepChoice recomputing() {
    return new StepChoice(atOnce, true, compute, adapters);
  }

  public StepChoice in(DType type) {
    return new StepChoice(atOnce, recomputes, Optional.of(type), adapters);
  }

  public StepChoice adapted() {
    return new StepChoice(atOnce, recomputes, compute, true);
  }
}
