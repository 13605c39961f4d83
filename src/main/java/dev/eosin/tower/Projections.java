package dev.eosin.tower;

import dev.eosin.nn.Weight;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.ParameterSet;
import java.util.List;

/// The matrices after a pooled vector, `<tower>.projection.<i>.weight` [out,in] and `.bias` [out].
final class Projections {
  private Projections() {}

  /// The matrix from the i-th of the sizes to the next.
  static Weight matrix(String tower, int i, int... sizes) {
    return Weight.normal(
        "%s.projection.%d.weight".formatted(tower, i),
        Math.pow(sizes[i], -0.5),
        sizes[i + 1],
        sizes[i]);
  }

  /// All of a tower's, each bias after its matrix.
  static List<Parameter> of(ParameterSet parameters, String tower) {
    return parameters.all().stream()
        .filter(parameter -> parameter.name().startsWith(tower + ".projection."))
        .toList();
  }
}
