package dev.eosin.nn;

import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.RandomKey;
import dev.eosin.tensor.RandomStream;
import java.util.List;
import java.util.function.DoubleSupplier;

/// Fills parameters with their initial values: a pure function of (seed, position of the weight in
/// the list).
public final class Initialiser {
  private final RandomKey key;

  public Initialiser(RandomKey key) {
    this.key = key;
  }

  public void fill(ParameterSet parameters, List<Weight> weights) {
    for (int i = 0; i < weights.size(); i++) {
      parameters.fill(weights.get(i).name(), values(weights.get(i), i));
    }
  }

  private DoubleSupplier values(Weight weight, int position) {
    return switch (weight.initial()) {
      case InitialValue.Constant(float value) -> () -> value;
      case InitialValue.Normal(double deviation) -> {
        RandomStream stream = key.stream(RandomKey.Purpose.INITIALISATION, 0, position);
        yield () -> deviation * stream.nextGaussian();
      }
    };
  }
}
