package dev.eosin.run;

import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// The toy's weights.
final class ToyWeights {
  private ToyWeights() {}

  static ParameterSet open(Engine engine, List<ParameterSet.Spec> specs, Path frozen)
      throws IOException {
    ParameterSet set = ParameterSet.allocate(engine, specs, DType.FLOAT32);
    try (StoredTensors file = SafetensorsFile.open(frozen);
        Tensor values = engine.of(file.floats(ToyLearner.FROZEN), ToyRows.LETTERS)) {
      set.assign(ToyLearner.FROZEN, values);
    }
    return set;
  }
}
