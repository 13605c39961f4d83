package dev.eosin.tensor;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// Frozen weights that are used in place: tensors over a file's memory by the names of the
/// parameters that they stand for. They can be read only, see [Kernels#run].
///
/// Whoever has this closes it; a [ParameterSet] that takes it over does so with its own end.
public final class MappedTensors implements AutoCloseable {
  private final Map<String, Tensor> tensors;
  private final Runnable release;
  private boolean closed;

  /// @param tensors by names of parameters; they are this object's from now on
  /// @param release ends the life of the memory below them; called once, after they are closed
  public MappedTensors(Map<String, Tensor> tensors, Runnable release) {
    this.tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    this.release = release;
    this.tensors.values().forEach(Tensor::freeze);
  }

  Map<String, Tensor> tensors() {
    return tensors;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      tensors.values().forEach(Tensor::close);
      release.run();
    }
  }
}
