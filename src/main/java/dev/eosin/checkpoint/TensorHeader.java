package dev.eosin.checkpoint;

import java.util.List;

/// What a file says of a tensor before its contents are looked at.
///
/// @param type of the elements
/// @param shape sizes of the dimensions, outermost first; empty for a scalar
public record TensorHeader(StoredType type, List<Long> shape) {
  public TensorHeader {
    shape = List.copyOf(shape);
  }

  /// Number of elements.
  public long elements() {
    return shape.stream().mapToLong(Long::longValue).reduce(1, Math::multiplyExact);
  }
}
