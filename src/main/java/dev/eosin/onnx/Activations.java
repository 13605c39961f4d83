package dev.eosin.onnx;

import java.util.List;

/// Non-linearities between the products of an MLP, in the type of what enters.
///
/// They are written as onnxruntime looks for them where it has one operator for the whole.
public final class Activations {
  private static final double QUICK = 1.702;
  private static final int GELU_SINCE = 20;

  private Activations() {}

  /// x Phi(x), with the exact error function.
  public static GraphValue gelu(GraphPass pass, GraphValue x) {
    GraphBuilder graph = pass.graph();
    if (graph.opset().number() >= GELU_SINCE) {
      return pass.op("Gelu", List.of(x));
    }
    GraphValue scaled = pass.op("Div", List.of(x, graph.real(Math.sqrt(2), x.type())));
    GraphValue error = pass.op("Erf", List.of(scaled));
    GraphValue sum = pass.op("Add", List.of(error, graph.real(1, x.type())));
    GraphValue product = pass.op("Mul", List.of(x, sum));
    return pass.op("Mul", List.of(product, graph.real(0.5, x.type())));
  }

  /// GELU by tanh, as T5 has it: 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x³))).
  public static GraphValue tanhGelu(GraphPass pass, GraphValue x) {
    GraphBuilder graph = pass.graph();
    if (graph.opset().number() >= GELU_SINCE) {
      return pass.op("Gelu", List.of(x), Attribute.of("approximate", "tanh"));
    }
    GraphValue cube = pass.op("Pow", List.of(x, graph.real(3, x.type())));
    GraphValue bent =
        pass.op("Add", List.of(x, pass.op("Mul", List.of(cube, graph.real(0.044715, x.type())))));
    GraphValue factor = graph.real(Math.sqrt(2 / Math.PI), x.type());
    GraphValue tanh = pass.op("Tanh", List.of(pass.op("Mul", List.of(bent, factor))));
    GraphValue sum = pass.op("Add", List.of(tanh, graph.real(1, x.type())));
    GraphValue half = pass.op("Mul", List.of(x, graph.real(0.5, x.type())));
    return pass.op("Mul", List.of(half, sum));
  }

  /// x sigmoid(1.702 x)
  public static GraphValue quickGelu(GraphPass pass, GraphValue x) {
    GraphValue scaled = pass.op("Mul", List.of(x, pass.graph().real(QUICK, x.type())));
    return pass.op("Mul", List.of(x, pass.op("Sigmoid", List.of(scaled))));
  }

  /// x sigmoid(x)
  public static GraphValue silu(GraphPass pass, GraphValue x) {
    return pass.op("Mul", List.of(x, pass.op("Sigmoid", List.of(x))));
  }

  /// max(x, 0)
  public static GraphValue relu(GraphPass pass, GraphValue x) {
    return pass.op("Relu", List.of(x));
  }
}
