package dev.eosin.language;

import dev.eosin.nn.Weight;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;

/// Weights drawn by their names: matrices around 0, vectors (norms, biases) above it.
public final class DrawnWeights {
  private DrawnWeights() {}

  public static void fill(Engine engine, ParameterSet set, List<Weight> weights) {
    for (Weight weight : weights) {
      int count = Math.toIntExact(LongStream.of(weight.shape()).reduce(1, Math::multiplyExact));
      Random random = new Random(weight.name().hashCode());
      float lowest = weight.shape().length == 1 ? 0 : -0.5f;
      float[] values = new float[count];
      for (int i = 0; i < count; i++) {
        values[i] = random.nextFloat() + lowest;
      }
      try (Tensor tensor = engine.of(values, weight.shape())) {
        set.assign(weight.name(), tensor);
      }
    }
  }
}
