package dev.eosin.qformer;

import dev.eosin.tensor.Kernels;
import dev.eosin.tensor.Tape;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Gradients of values of one tape that others read, summed until the first tape is differentiated.
final class OuterGradients implements AutoCloseable {
  private final Kernels kernels;
  private final Map<Value, Tensor> sums = new LinkedHashMap<>();

  OuterGradients(Kernels kernels) {
    this.kernels = kernels;
  }

  /// What one tape reads of another.
  final class Reading {
    private final Tape tape;
    private final Map<Value, Value> leaves = new LinkedHashMap<>();

    private Reading(Tape tape) {
      this.tape = tape;
    }

    Value of(Value outer) {
      return leaves.computeIfAbsent(outer, value -> tape.leaf(value.data()));
    }

    List<Value> of(List<Value> outer) {
      return outer.stream().map(this::of).toList();
    }

    /// After the tape's backward.
    void take() {
      leaves.forEach((outer, leaf) -> add(outer, tape.takeGradient(leaf)));
    }
  }

  Reading reading(Tape tape) {
    return new Reading(tape);
  }

  /// @param value of the first tape
  /// @param gradient taken over
  void add(Value value, Tensor gradient) {
    Tensor before = sums.get(value);
    if (before == null) {
      sums.put(value, gradient);
      return;
    }
    try (before;
        gradient) {
      sums.put(value, kernels.one("add", before, gradient));
    }
  }

  List<Value> values() {
    return List.copyOf(sums.keySet());
  }

  /// Those of [#values], now the caller's.
  List<Tensor> handedOver() {
    List<Tensor> gradients = new ArrayList<>(sums.values());
    sums.clear();
    return gradients;
  }

  @Override
  public void close() {
    sums.values().forEach(Tensor::close);
    sums.clear();
  }
}
