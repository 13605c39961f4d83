package dev.eosin.onnx;

import dev.eosin.config.DataException;
import java.util.List;

/// Norms over the last dimension: taken of fp32, given in fp32.
public final class Norms {
  private Norms() {}

  /// Layer norm.
  ///
  /// @param x [...,c]
  /// @param weight name of a vector `[c]`
  /// @param bias name of a vector `[c]`
  /// @throws DataException when there are no such weights
  public static GraphValue layerNorm(
      GraphPass pass, GraphValue x, String weight, String bias, double epsilon)
      throws DataException {
    return pass.op(
        "LayerNormalization",
        List.of(pass.wide(x), pass.weight(weight), pass.weight(bias)),
        Attribute.of("axis", -1L),
        Attribute.of("epsilon", (float) epsilon));
  }

  /// RMS norm: x / sqrt(mean(x²) + epsilon), times the weight.
  ///
  /// @param x [...,c]
  /// @param weight name of a vector `[c]`
  /// @throws DataException when there is no such weight
  public static GraphValue rmsNorm(GraphPass pass, GraphValue x, String weight, double epsilon)
      throws DataException {
    GraphBuilder graph = pass.graph();
    GraphValue wide = pass.wide(x);
    GraphValue two = graph.real(2, ElementType.FLOAT);
    GraphValue squares = pass.op("Pow", List.of(wide, two));
    GraphValue mean = pass.op("ReduceMean", List.of(squares, graph.wholes(-1)));
    GraphValue variance = pass.op("Add", List.of(mean, graph.real(epsilon, ElementType.FLOAT)));
    GraphValue root = pass.op("Sqrt", List.of(variance));
    return pass.op("Mul", List.of(pass.op("Div", List.of(wide, root)), pass.weight(weight)));
  }

  /// Rows of length 1: x / max(|x|, 1e-12).
  ///
  /// @param x [b,e]
  public static GraphValue unit(GraphPass pass, GraphValue x) {
    GraphBuilder graph = pass.graph();
    GraphValue wide = pass.wide(x);
    GraphValue length = pass.op("ReduceL2", List.of(wide, graph.wholes(-1)));
    GraphValue least = graph.real(1e-12, ElementType.FLOAT);
    return pass.op("Div", List.of(wide, pass.op("Max", List.of(length, least))));
  }
}
