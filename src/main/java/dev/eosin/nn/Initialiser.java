package dev.eosin.nn;

import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import dev.eosin.tensor.ParameterSet;
import java.util.List;
import java.util.function.DoubleSupplier;

/// Fills parameters with their initial values: a pure function of (seed, position of the weight in
/// the list). Mapped ones have their values from their files and stay as they are.
public final class Initialiser {
  private final RandomKey key;

  public Initialiser(RandomKey key) {
    this.key = key;
  }

  public void fill(ParameterSet parameters, List<Weight> weights) {
    fill(parameters, weights, 0);
  }

  /// @param first position of the first weight in the model's list
  public void fill(ParameterSet parameters, List<Weight> weights, int first) {
    for (int i = 0; i < weights.size(); i++) {
      if (!parameters.get(weights.get(i).name()).mapped()) {
        parameters.fill(weights.get(i).name(), values(weights.get(i), first + i));
      }
    }
  }

  private DoubleSupplier values(Weight weight, int position) {
    return switch (weight.initial()) {
      case InitialValue.Constant(float value) -> () -> value;
      case InitialValue.Uniform(double bound) -> {
        RandomStream stream = key.stream(RandomKey.Purpose.INITIALISATION, 0, position);
        yield () -> bound * (2 * stream.nextDouble() - 1);
      }
      case InitialValue.Normal(double deviation) -> {
        RandomStream stream = key.stream(RandomKey.Purpose.INITIALISATION, 0, position);
        yield () -> deviation * stream.nextGaussian();
      }
    };
  }
}
