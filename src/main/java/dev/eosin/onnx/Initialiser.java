package dev.eosin.onnx;

import dev.eosin.file.FileContent;
import java.util.List;

/// A weight of a graph, whose numbers are made when they are written and not kept.
///
/// @param shape sizes, outermost first
/// @param content the numbers in row-major order, little-endian
record Initialiser(String name, ElementType type, List<Long> shape, FileContent content) {
  Initialiser {
    shape = List.copyOf(shape);
  }

  /// Bytes of all numbers.
  long bytes() {
    return shape.stream().mapToLong(Long::longValue).reduce(type.bytes(), Math::multiplyExact);
  }

  /// What stands for it inside of a graph.
  GraphValue value() {
    return new GraphValue(name, type);
  }
}
