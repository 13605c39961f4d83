package dev.eosin.train;

import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.Range;
import java.util.List;
import java.util.Optional;

/// `type: adamw`, as open_clip uses it.
@Named("adamw")
@Doc("AdamW with decoupled weight decay; gains, biases and the logit scale do not decay.")
public record AdamWSettings(
    @Doc("Peak learning rate.") @Range(above = 0) double lr,
    @Doc("Decay rates of the two moments.") @Range(min = 0, below = 1) List<Double> betas,
    @Doc("Added to the root of the second moment.") @Range(above = 0) double eps,
    @Doc("Decoupled weight decay of matrices and embeddings.") @Range(min = 0) double weightDecay,
    @Doc("Gradients are scaled down to this global L2 norm; without it they are not clipped.")
        @Range(above = 0)
        Optional<Double> clipNorm)
    implements OptimizerSettings {
  /// @throws IllegalArgumentException unless there are two betas
  public AdamWSettings {
    betas = List.copyOf(betas);
    if (betas.size() != 2) {
      throw new IllegalArgumentException(
          "betas: two numbers are expected, e.g. [0.9, 0.98]; found %d".formatted(betas.size()));
    }
  }
}
