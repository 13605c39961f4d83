package dev.eosin.train.optimisers;

import dev.eosin.tensor.Bucket;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// One tensor for each of some parameters, fp32, of its shape, in a flat bucket.
final class OptimiserState implements AutoCloseable {
  private final Bucket bucket;
  private final Map<Parameter, Tensor> values = new LinkedHashMap<>();

  private OptimiserState(Bucket bucket, List<Parameter> parameters) {
    this.bucket = bucket;
    for (int i = 0; i < parameters.size(); i++) {
      values.put(parameters.get(i), bucket.views().get(i));
    }
  }

  static OptimiserState zeros(Engine engine, List<Parameter> parameters) {
    List<long[]> shapes = parameters.stream().map(parameter -> parameter.data().shape()).toList();
    return new OptimiserState(Bucket.zeros(engine, DType.FLOAT32, shapes, false), parameters);
  }

  /// @throws IllegalArgumentException for a parameter that is not trained
  Tensor of(Parameter parameter) {
    Tensor found = values.get(parameter);
    if (found == null) {
      throw new IllegalArgumentException(parameter.name() + " is not trained");
    }
    return found;
  }

  List<Tensor> of(List<Parameter> parameters) {
    return parameters.stream().map(this::of).toList();
  }

  @Override
  public void close() {
    bucket.close();
  }
}
