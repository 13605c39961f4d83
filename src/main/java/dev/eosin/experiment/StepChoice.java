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
/// @param ranks that share each batch; a plan is of one of them
public record StepChoice(
    OptionalInt atOnce, boolean recomputes, Optional<DType> compute, boolean adapters, int ranks) {
  /// As the recipe says, in one process.
  public static final StepChoice OF_RECIPE =
      new StepChoice(OptionalInt.empty(), false, Optional.empty(), false, 1);

  public StepChoice withAtOnce(int rows) {
    return new StepChoice(OptionalInt.of(rows), recomputes, compute, adapters, ranks);
  }

  public StepChoice recomputing() {
    return new StepChoice(atOnce, true, compute, adapters, ranks);
  }

  public StepChoice in(DType type) {
    return new StepChoice(atOnce, recomputes, Optional.of(type), adapters, ranks);
  }

  public StepChoice adapted() {
    return new StepChoice(atOnce, recomputes, compute, true, ranks);
  }

  /// @param number of ranks that share each batch
  public StepChoice over(int number) {
    return new StepChoice(atOnce, recomputes, compute, adapters, number);
  }

  /// The rows of a batch of so many that a rank has, at most.
  public int own(int all) {
    return Math.ceilDiv(all, ranks);
  }

  /// Rows that go through the model together, of a rank's own.
  ///
  /// @param all rows of a batch
  /// @param wanted by the recipe
  public int atOnce(int all, int wanted) {
    return Math.min(own(all), atOnce.orElse(wanted));
  }
}
