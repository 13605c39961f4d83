package dev.eosin.train;

import dev.eosin.group.Group;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.GradientSink;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.Scope;
import dev.eosin.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// Brings the gradients of all ranks together before the optimiser sees them: each rank's are sums
/// over its own rows, divided by the weight of all, so that they add up. A single process hands
/// everything on at once.
///
/// All ranks add the same parameters in the same order; one that a rank's rows did not use counts
/// as zero there.
final class SharedGradients implements GradientSink {
  private final Group group;
  private final Optimiser optimiser;
  private final Engine engine;
  private final GradientSums own;

  SharedGradients(Group group, Optimiser optimiser) {
    this.group = group;
    this.optimiser = optimiser;
    this.engine = optimiser.engine();
    this.own = new GradientSums(engine);
  }

  @Override
  public void accept(List<Parameter> ready, List<Tensor> gradients) {
    if (group.size() == 1) {
      optimiser.accept(ready, gradients);
    } else {
      own.accept(ready, gradients);
    }
  }

  /// Once the backward pass is through.
  void finish() {
    if (group.size() == 1) {
      return;
    }
    List<Parameter> parameters = optimiser.parameters();
    try (Scope scope = new Scope()) {
      List<Tensor> all = new ArrayList<>();
      for (Parameter parameter : parameters) {
        all.add(
            own.has(parameter)
                ? own.of(parameter)
                : scope.own(engine.zeros(DType.FLOAT32, parameter.data().shape())));
      }
      optimiser.accept(parameters, group.sum(all));
    }
    own.clear();
  }

  /// Forgets what was not brought together, after a step that failed.
  void drop() {
    own.clear();
  }
}
