package dev.eosin.model;

import dev.eosin.checkpoint.ElementCast;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.StoredType;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.checkpoint.TensorHeader;
import dev.eosin.config.DataException;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/// A file of weights whose position embeddings are seen as if they had been made for another input.
///
/// @param file under its own names
/// @param resizes by the file's names
public record ResizedPositions(StoredTensors file, Map<String, Resize> resizes)
    implements DerivedTensors {
  /// @param shape afterwards
  public record Resize(List<Long> shape, UnaryOperator<float[]> values) {}

  public ResizedPositions {
    resizes = Map.copyOf(resizes);
  }

  @Override
  public TensorHeader header(String name) throws DataException {
    Resize resize = resizes.get(name);
    return resize == null ? file.header(name) : new TensorHeader(StoredType.F32, resize.shape());
  }

  @Override
  public TensorData entry(String name) throws DataException {
    Resize resize = resizes.get(name);
    if (resize == null) {
      return file.entry(name);
    }
    float[] values = resize.values().apply(file.floats(name));
    return ElementCast.of(resize.shape(), StoredType.F32, index -> values[Math.toIntExact(index)]);
  }
}
