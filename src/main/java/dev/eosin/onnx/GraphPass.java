package dev.eosin.onnx;

import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.config.DataException;
import java.util.List;

/// One pass through a model as a graph: what is emitted into it, and where its weights are. What a
/// `nn.Pass` is for training.
///
/// @param graph that grows
/// @param weights under Eosin's names; open until the graph is written, adapters merged already
public record GraphPass(GraphBuilder graph, StoredTensors weights) {
  /// A weight as it is stored, fp32; it has its own name in the graph.
  ///
  /// @throws DataException when there is none of that name
  public GraphValue weight(String name) throws DataException {
    return weight(name, ElementType.FLOAT);
  }

  /// A weight as it is stored.
  ///
  /// @param type fp32 or fp16
  /// @throws DataException when there is none of that name
  public GraphValue weight(String name, ElementType type) throws DataException {
    String suffix = type == ElementType.FLOAT ? "" : "|" + type;
    return graph.weight(new StoredWeight(weights, name).plain(name + suffix, type));
  }

  /// A matrix [out,in] as products take it, [in,out]; its name in the graph ends in `|transposed`.
  ///
  /// @param type fp32 or fp16
  /// @throws DataException when there is no matrix of that name
  public GraphValue transposed(String name, ElementType type) throws DataException {
    String suffix = type == ElementType.FLOAT ? "|transposed" : "|transposed|" + type;
    return graph.weight(new StoredWeight(weights, name).transposed(name + suffix, type));
  }

  /// Whether there is a weight of that name.
  public boolean has(String name) {
    return weights.names().contains(name);
  }

  /// Sizes of a weight, outermost first.
  ///
  /// @throws DataException when there is none of that name
  public List<Long> shape(String name) throws DataException {
    return weights.header(name).shape();
  }

  /// What matrix products and activations between them are made in.
  public ElementType products() {
    return graph.precision().products();
  }

  /// As [GraphBuilder#op], of the type of the first input.
  public GraphValue op(String operator, List<GraphValue> inputs, Attribute... attributes) {
    return graph.op(operator, inputs.getFirst().type(), inputs, attributes);
  }

  /// fp32, as norms, sums of blocks and what a graph gives are.
  public GraphValue wide(GraphValue value) {
    return graph.cast(value, ElementType.FLOAT);
  }

  /// In the type of products.
  public GraphValue narrow(GraphValue value) {
    return graph.cast(value, products());
  }

  /// The sum of what enters a block and what it adds, fp32.
  public GraphValue residual(GraphValue x, GraphValue added) {
    return op("Add", List.of(wide(x), wide(added)));
  }

  /// As [GraphBuilder#mark]: gives the value back.
  public GraphValue marked(String name, GraphValue value) {
    graph.mark(name, value);
    return value;
  }
}
