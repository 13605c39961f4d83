package dev.eosin.nn;

import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.RandomKey;
import dev.eosin.tensor.RandomStream;
import dev.eosin.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/// Fills parameters with their initial values: a pure function of (seed, position of the weight in
/// the list).
public final class Initialiser {
  private final RandomKey key;

  public Initialiser(RandomKey key) {
    this.key = key;
  }

  public void fill(ParameterSet parameters, List<Weight> weights) {
    for (int i = 0; i < weights.size(); i++) {
      Weight weight = weights.get(i);
      float[] values = values(weight, i);
      try (Tensor tensor = parameters.engine().of(values, weight.shape())) {
        parameters.assign(weight.name(), tensor);
      }
    }
  }

  private float[] values(Weight weight, int position) {
    long elements = Arrays.stream(weight.shape()).reduce(1, Math::multiplyExact);
    float[] values = new float[Math.toIntExact(elements)];
    switch (weight.initial()) {
      case InitialValue.Constant(float value) -> Arrays.fill(values, value);
      case InitialValue.Normal(double deviation) -> {
        RandomStream stream = key.stream(RandomKey.Purpose.INITIALISATION, 0, position);
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) (deviation * stream.nextGaussian());
        }
      }
    }
    return values;
  }
}
