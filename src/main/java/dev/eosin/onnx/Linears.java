package dev.eosin.onnx;

import dev.eosin.config.DataException;
import java.util.List;

/// Products with weights.
public final class Linears {
  private Linears() {}

  /// x wT, in the type of products, or with weights of 8 bits where the graph has them.
  ///
  /// @param x [...,in]
  /// @param weight name of a matrix [out,in]
  /// @return [...,out]
  /// @throws DataException when there is no such matrix
  public static GraphValue linear(GraphPass pass, GraphValue x, String weight)
      throws DataException {
    return switch (pass.graph().precision()) {
      case FP32, FP16 ->
          pass.op("MatMul", List.of(pass.narrow(x), pass.transposed(weight, pass.products())));
      case INT8 -> quantised(pass, pass.wide(x), weight);
    };
  }

  /// x wT + b
  ///
  /// @param bias name of a vector `[out]`
  /// @throws DataException when there are no such weights
  public static GraphValue linear(GraphPass pass, GraphValue x, String weight, String bias)
      throws DataException {
    GraphValue product = linear(pass, x, weight);
    return pass.op("Add", List.of(product, pass.weight(bias, product.type())));
  }

  /// x wT in fp32, in a graph of any precision: behind the pooling, where it costs nothing.
  ///
  /// @param x [...,in]
  /// @param weight name of a matrix [out,in]
  /// @throws DataException when there is no such matrix
  public static GraphValue wide(GraphPass pass, GraphValue x, String weight) throws DataException {
    return pass.op("MatMul", List.of(pass.wide(x), pass.transposed(weight, ElementType.FLOAT)));
  }

  /// x times the rows of a table [v,c] that is in the graph as it is, such as a head's that is also
  /// the table of words: never transposed, never in 8 bits, fp32 or fp16 as the table is.
  ///
  /// @param x [b,n,c]
  /// @return [b,n,v]
  /// @throws DataException when there is no such table
  public static GraphValue rows(GraphPass pass, GraphValue x, GraphValue table, long width)
      throws DataException {
    GraphValue flat =
        pass.op(
            "Reshape", List.of(pass.graph().cast(x, table.type()), pass.graph().wholes(-1, width)));
    GraphValue product = pass.op("Gemm", List.of(flat, table), Attribute.of("transB", 1L));
    GraphValue shape = pass.graph().op("Shape", ElementType.INT64, List.of(x));
    GraphValue outer =
        pass.op("Slice", List.of(shape, pass.graph().wholes(0), pass.graph().wholes(-1)));
    GraphValue whole =
        pass.op("Concat", List.of(outer, pass.graph().wholes(-1)), Attribute.of("axis", 0L));
    return pass.op("Reshape", List.of(product, whole));
  }

  /// What enters is rounded to 8 bits when the graph is run, the weights are already.
  private static GraphValue quantised(GraphPass pass, GraphValue x, String weight)
      throws DataException {
    GraphBuilder graph = pass.graph();
    GraphValue[] w = narrowed(pass, weight);
    List<GraphValue> rounded =
        graph.ops(
            "DynamicQuantizeLinear",
            List.of(ElementType.UINT8, ElementType.FLOAT, ElementType.UINT8),
            List.of(x));
    GraphValue sums =
        graph.op(
            "MatMulInteger",
            ElementType.INT32,
            List.of(rounded.get(0), w[0], rounded.get(2), w[2]));
    GraphValue scales = pass.op("Mul", List.of(rounded.get(1), w[1]));
    return pass.op("Mul", List.of(graph.cast(sums, ElementType.FLOAT), scales));
  }

  /// Whole numbers, scales and zero of a matrix.
  private static GraphValue[] narrowed(GraphPass pass, String weight) throws DataException {
    GraphBuilder graph = pass.graph();
    String numbers = weight + "|int8";
    String scales = weight + "|int8-scales";
    var zero = StoredWeight.of("int8-zero", StoredWeight.ZERO);
    if (graph.hasWeight(numbers)) {
      return new GraphValue[] {
        new GraphValue(numbers, ElementType.UINT8),
        new GraphValue(scales, ElementType.FLOAT),
        graph.weight(zero)
      };
    }
    var stored = new StoredWeight(pass.weights(), weight);
    float[] factors = stored.scales();
    return new GraphValue[] {
      graph.weight(stored.bytes(numbers, factors)),
      graph.weight(StoredWeight.of(scales, factors)),
      graph.weight(zero)
    };
  }
}
