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
  private final Map<String, Tensor> beside;
  private final Runnable release;
  private boolean closed;

  /// @param tensors by names of parameters; they are this object's from now on
  /// @param release ends the life of the memory below them; called once, after they are closed
  public MappedTensors(Map<String, Tensor> tensors, Runnable release) {
    this(tensors, Map.of(), release);
  }

  /// As above.
  ///
  /// @param beside what some of them need besides, such as scales of whole numbers, by names of its
  ///   own: it becomes parameters that no model describes
  public MappedTensors(Map<String, Tensor> tensors, Map<String, Tensor> beside, Runnable release) {
    this.tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    this.beside = Collections.unmodifiableMap(new LinkedHashMap<>(beside));
    this.release = release;
    this.tensors.values().forEach(Tensor::freeze);
    this.beside.values().forEach(Tensor::freeze);
  }

  Map<String, Tensor> tensors() {
    return tensors;
  }

  Map<String, Tensor> beside() {
    return beside;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      tensors.values().forEach(Tensor::close);
      beside.values().forEach(Tensor::close);
      release.run();
    }
  }
}
