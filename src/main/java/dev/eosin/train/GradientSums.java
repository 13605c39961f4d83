package dev.eosin.train;

import dev.eosin.tensor.Engine;
import dev.eosin.tensor.GradientSink;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.Tensor;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// The gradients of one step, summed as its parts deliver them; fp32 for parameters with fp32
/// masters.
public final class GradientSums implements GradientSink, AutoCloseable {
  private final Engine engine;
  private final Map<Parameter, Tensor> sums = new LinkedHashMap<>();

  /// Parameters whose sum is this object's own: what a tape delivers may be another target's tensor
  /// too, so the first addition is out of place.
  private final Set<Parameter> own = new HashSet<>();

  public GradientSums(Engine engine) {
    this.engine = engine;
  }

  @Override
  public void accept(List<Parameter> ready, List<Tensor> gradients) {
    for (int i = 0; i < ready.size(); i++) {
      add(ready.get(i), gradients.get(i));
    }
  }

  private void add(Parameter parameter, Tensor gradient) {
    Tensor sum = sums.get(parameter);
    if (sum == null && !parameter.shadowed()) {
      sums.put(parameter, gradient);
      return;
    }
    try (gradient) {
      if (sum == null) {
        sums.put(parameter, engine.kernels().one("widen", gradient));
        own.add(parameter);
      } else if (own.contains(parameter)) {
        engine.kernels().run("accumulate", sum, gradient);
      } else {
        try (sum) {
          sums.put(parameter, engine.kernels().one("add", sum, gradient));
          own.add(parameter);
        }
      }
    }
  }

  /// Whether a gradient came.
  public boolean has(Parameter parameter) {
    return sums.containsKey(parameter);
  }

  /// The sum so far, which stays this object's; there must be one.
  public Tensor of(Parameter parameter) {
    return Objects.requireNonNull(sums.get(parameter), parameter.name());
  }

  /// Forgets all of them.
  public void clear() {
    sums.values().forEach(Tensor::close);
    sums.clear();
    own.clear();
  }

  @Override
  public void close() {
    clear();
  }
}
