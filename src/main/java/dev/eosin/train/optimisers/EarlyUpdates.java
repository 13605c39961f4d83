package dev.eosin.train.optimisers;

import dev.eosin.tensor.GradientSink;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.Tensor;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// One step whose gradients are applied as they come, each weight's as soon as nothing else of the
/// backward pass reads it: a few gradients are held at a time, where otherwise all of them are. The
/// weights end as they do with [Optimiser#update(double)], to the bit.
///
/// What asks for all gradients first cannot be had with it: clipping by their norm, sums over parts
/// of the rows or over ranks, a loss scale whose overflow leaves a step out.
///
/// Source: "Full Parameter Fine-tuning for Large Language Models with Limited Resources" (Lv et al.
/// 2023, arXiv 2306.09782), which does so without moments.
public final class EarlyUpdates implements GradientSink {
  private final Optimiser optimiser;
  private final double rate;
  private final Set<Parameter> done = new HashSet<>();
  private double squares;

  EarlyUpdates(Optimiser optimiser, double rate) {
    this.optimiser = optimiser;
    this.rate = rate;
  }

  /// @throws IllegalStateException when a weight's gradient comes in parts
  @Override
  public void accept(List<Parameter> ready, List<Tensor> gradients) {
    if (ready.isEmpty()) {
      return;
    }
    for (Parameter parameter : ready) {
      if (!done.add(parameter)) {
        gradients.forEach(Tensor::close);
        throw new IllegalStateException(
            "optimizer.updates: early needs rows that go through the model at once, but the gradient of %s comes in parts; raise batch.micro, or leave updates out"
                .formatted(parameter.name()));
      }
    }
    optimiser.accept(ready, gradients);
    double norm = optimiser.gradientNorm();
    squares += norm * norm;
    if (Double.isFinite(squares)) {
      optimiser.applyReceived(rate);
    } else {
      optimiser.dropGradients();
    }
  }

  /// The global L2 norm of the gradients so far; not finite where one of them is not, since when
  /// nothing was applied any more.
  public double norm() {
    return Math.sqrt(squares);
  }
}
