package dev.eosin.run;

import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.MappedWeights;
import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.ParameterSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// The toy's weights: what it trains, allocated, and what is frozen, used in place in its file.
final class ToyWeights {
  private ToyWeights() {}

  static ParameterSet open(Engine engine, List<ParameterSet.Spec> specs, Path frozen)
      throws IOException {
    MappedWeights mapped =
        MappedWeights.open(
            engine,
            SafetensorsFile.open(frozen),
            Layout.own(List.of(ToyLearner.FROZEN)),
            Map.of(ToyLearner.FROZEN, List.of((long) ToyRows.LETTERS)));
    return ParameterSet.allocate(engine, specs, DType.FLOAT32, List.of(mapped.tensors()));
  }
}
