package dev.eosin.export;

import dev.eosin.checkpoint.ElementCast;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.config.DataException;
import dev.eosin.model.DerivedTensors;

/// Weights as they are but for one, which is three times as large.
record SpoiledWeights(StoredTensors file, String name) implements DerivedTensors {
  @Override
  public TensorData entry(String asked) throws DataException {
    TensorData own = file.entry(asked);
    return asked.equals(name)
        ? ElementCast.of(own.shape(), own.type(), at -> 3 * own.floatingAt(at))
        : own;
  }

  /// The block of the weight.
  String block() {
    return name.replaceAll("^(.*blocks\\.\\d+|projector|language-projection)\\..*", "$1");
  }
}
