package dev.eosin.tower;

import dev.eosin.config.DataException;
import dev.eosin.nn.Weight;
import dev.eosin.onnx.Activations;
import dev.eosin.onnx.GraphPass;
import dev.eosin.onnx.GraphValue;
import dev.eosin.onnx.Linears;
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

  /// All of a tower's as a graph, with GELU between the matrices: [b,c] to [b,e], fp32.
  ///
  /// @throws DataException when a weight is missing
  static GraphValue emit(GraphPass pass, String tower, GraphValue pooled) throws DataException {
    GraphValue y = pooled;
    for (int i = 0; pass.has("%s.projection.%d.weight".formatted(tower, i)); i++) {
      GraphValue entering = i > 0 ? Activations.gelu(pass, y) : y;
      y = Linears.wide(pass, entering, "%s.projection.%d.weight".formatted(tower, i));
      String bias = "%s.projection.%d.bias".formatted(tower, i);
      y = pass.has(bias) ? pass.op("Add", List.of(y, pass.weight(bias))) : y;
    }
    return y;
  }

  /// All of a tower's, each bias after its matrix.
  static List<Parameter> of(ParameterSet parameters, String tower) {
    return parameters.all().stream()
        .filter(parameter -> parameter.name().startsWith(tower + ".projection."))
        .toList();
  }
}
