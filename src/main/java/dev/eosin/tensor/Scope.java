package dev.eosin.tensor;

import java.util.ArrayList;
import java.util.List;

/// Closes the tensors given to it, last first, when it ends: `try (var scope = new Scope()) { ...
/// }`.
public final class Scope implements AutoCloseable {
  private final List<Tensor> owned = new ArrayList<>();

  public Tensor own(Tensor tensor) {
    owned.add(tensor);
    return tensor;
  }

  public List<Tensor> own(List<Tensor> tensors) {
    owned.addAll(tensors);
    return tensors;
  }

  @Override
  public void close() {
    owned.reversed().forEach(Tensor::close);
    owned.clear();
  }
}
