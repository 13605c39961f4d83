package dev.eosin.train.optimisers;

import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.GradientSink;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.Tensor;
import java.util.ArrayList;
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

  /// Whether what a node delivers is widened and added in few calls: on a GPU, where a call costs
  /// more than a small tensor's work. A CPU has it one by one, so that less is alive at a time.
  private final boolean together;

  public GradientSums(Engine engine) {
    this(engine, engine.device() instanceof Device.Cuda);
  }

  GradientSums(Engine engine, boolean together) {
    this.engine = engine;
    this.together = together;
  }

  @Override
  public void accept(List<Parameter> ready, List<Tensor> gradients) {
    if (together) {
      addTogether(ready, gradients);
      return;
    }
    for (int i = 0; i < ready.size(); i++) {
      add(ready.get(i), gradients.get(i));
    }
  }

  private void addTogether(List<Parameter> ready, List<Tensor> gradients) {
    List<Integer> first = new ArrayList<>();
    List<Integer> further = new ArrayList<>();
    for (int i = 0; i < ready.size(); i++) {
      Parameter parameter = ready.get(i);
      if (own.contains(parameter)) {
        further.add(i);
      } else if (parameter.shadowed() && !sums.containsKey(parameter)) {
        first.add(i);
      } else {
        add(parameter, gradients.get(i));
      }
    }
    if (!first.isEmpty()) {
      List<Tensor> wide = engine.kernels().list("widen_all", all(first, gradients));
      for (int i = 0; i < wide.size(); i++) {
        sums.put(ready.get(first.get(i)), wide.get(i));
        own.add(ready.get(first.get(i)));
      }
    }
    if (!further.isEmpty()) {
      List<Tensor> before = further.stream().map(i -> of(ready.get(i))).toList();
      engine.kernels().run("accumulate_all", before, all(further, gradients));
    }
    all(first, gradients).forEach(Tensor::close);
    all(further, gradients).forEach(Tensor::close);
  }

  private static List<Tensor> all(List<Integer> places, List<Tensor> tensors) {
    return places.stream().map(tensors::get).toList();
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

  /// Whether no gradient is here.
  boolean isEmpty() {
    return sums.isEmpty();
  }

  /// Forgets one.
  void forget(Parameter parameter) {
    of(parameter).close();
    sums.remove(parameter);
    own.remove(parameter);
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
