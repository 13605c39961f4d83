package dev.eosin.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Forward only: no graph is kept, and a released value is freed at once. Closes every value it
/// made.
public final class Forward implements Graph {
  private final Kernels kernels;
  private final Optional<WeightListener> listener;
  private final List<Value> values = new ArrayList<>();

  public Forward(Engine engine) {
    this.kernels = engine.kernels();
    this.listener = engine.listener();
  }

  @Override
  public Value adopt(Tensor data) {
    Value value = new Value(data, false, true);
    values.add(value);
    return value;
  }

  @Override
  public boolean differentiates(List<Value> inputs, List<Parameter> parameters) {
    return false;
  }

  @Override
  public List<Value> apply(
      Kernel kernel, List<Value> inputs, List<Parameter> parameters, Object... constants) {
    var arguments = new ArrayList<Object>();
    arguments.add(inputs.stream().map(Value::data).toList());
    arguments.add(parameters.stream().map(Parameter::data).toList());
    arguments.addAll(Arrays.asList(constants));
    List<Tensor> results = kernels.list(kernel.name(), arguments.toArray());
    List<Tensor> outputs = kernel.outputs(results);
    results.subList(outputs.size(), results.size()).forEach(Tensor::close);
    List<Value> made = outputs.stream().map(tensor -> new Value(tensor, false, true)).toList();
    values.addAll(made);
    if (listener.isPresent() && !parameters.isEmpty()) {
      listener.get().made(parameters, made);
    }
    return made;
  }

  @Override
  public void release(Value value) {
    value.release();
    values.remove(value);
  }

  /// The tensor of a value this graph made, now the caller's to close.
  public Tensor take(Value value) {
    if (!values.remove(value)) {
      throw new IllegalArgumentException("not a value of this graph");
    }
    return value.data();
  }

  @Override
  public void close() {
    values.forEach(Value::release);
    values.clear();
  }
}
