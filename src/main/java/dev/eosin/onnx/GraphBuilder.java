package dev.eosin.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import dev.eosin.config.DataException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Makes one graph, operator by operator, in the order in which it is computed.
///
/// A weight is there once, however often it is used, and its numbers stay in their file until the
/// graph is written. Values between operators may be marked ([#mark]), so that two graphs of a
/// model can be compared block by block.
public final class GraphBuilder {
  /// Operators of one part of a model.
  ///
  /// @param <T> what they give
  @FunctionalInterface
  public interface Emission<T> {
    T emit() throws DataException;
  }

  private final Opset opset;
  private final GraphPrecision precision;
  private final GraphProto.Builder graph = GraphProto.newBuilder();
  private final Map<String, Initialiser> weights = new LinkedHashMap<>();
  private final Map<String, GraphValue> constants = new LinkedHashMap<>();
  private final Map<String, ValueInfoProto> marks = new LinkedHashMap<>();
  private final Deque<String> scopes = new ArrayDeque<>();
  private int operators;

  /// Starts an empty graph.
  public GraphBuilder(String name, Opset opset, GraphPrecision precision) {
    this.opset = opset;
    this.precision = precision;
    graph.setName(name);
  }

  public Opset opset() {
    return opset;
  }

  public GraphPrecision precision() {
    return precision;
  }

  /// A value that is given to the graph when it is run.
  public GraphValue input(String name, ElementType type, Dimension... shape) {
    graph.addInput(described(name, type, shape));
    return new GraphValue(name, type);
  }

  /// Gives a value out of the graph under a name of its own.
  public void output(String name, GraphValue value, Dimension... shape) {
    graph.addNode(
        NodeProto.newBuilder()
            .setOpType("Identity")
            .setName("output/" + name)
            .addInput(value.name())
            .addOutput(name));
    graph.addOutput(described(name, value.type(), shape));
  }

  /// Names a value between operators for comparison; the graph is computed as without.
  ///
  /// @param name unlike every other mark's, for people: `image.blocks.0`
  /// @param value fp32, so that graphs of every precision can be compared
  public void mark(String name, GraphValue value) {
    GraphValue wide = cast(value, ElementType.FLOAT);
    ValueInfoProto described =
        ValueInfoProto.newBuilder()
            .setName(wide.name())
            .setType(
                TypeProto.newBuilder()
                    .setTensorType(
                        TypeProto.Tensor.newBuilder().setElemType(ElementType.FLOAT.number())))
            .build();
    if (marks.put(name, described) != null) {
      throw new IllegalArgumentException("two values are marked " + name);
    }
  }

  /// What is emitted has `scope` in the names of its operators, so that a graph can be read.
  ///
  /// @throws DataException as what is emitted
  public <T> T within(String scope, Emission<T> emitted) throws DataException {
    scopes.addLast(scope);
    try {
      return emitted.emit();
    } finally {
      scopes.removeLast();
    }
  }

  /// An operator of one result.
  ///
  /// @param operator as ONNX calls it
  /// @param type of the result
  public GraphValue op(
      String operator, ElementType type, List<GraphValue> inputs, Attribute... attributes) {
    return ops(operator, List.of(type), inputs, attributes).getFirst();
  }

  /// An operator of several results, of one element type each.
  public List<GraphValue> ops(
      String operator, List<ElementType> types, List<GraphValue> inputs, Attribute... attributes) {
    String name = "/" + String.join("/", scopes) + (scopes.isEmpty() ? "" : "/") + operator;
    NodeProto.Builder node =
        NodeProto.newBuilder().setOpType(operator).setName("%s_%d".formatted(name, operators));
    inputs.forEach(input -> node.addInput(input.name()));
    Arrays.stream(attributes).map(Attribute::proto).forEach(node::addAttribute);
    List<GraphValue> results = new ArrayList<>();
    for (int i = 0; i < types.size(); i++) {
      String result = "%s_%d_%d".formatted(name, operators, i);
      node.addOutput(result);
      results.add(new GraphValue(result, types.get(i)));
    }
    operators++;
    graph.addNode(node);
    return List.copyOf(results);
  }

  /// The same numbers in another type; the value itself where it has that type.
  public GraphValue cast(GraphValue value, ElementType type) {
    return value.type() == type
        ? value
        : op("Cast", type, List.of(value), Attribute.of("to", type.number()));
  }

  /// A weight, which is added where the graph has none of its name.
  GraphValue weight(Initialiser weight) {
    Initialiser there = weights.putIfAbsent(weight.name(), weight);
    if (there != null && (there.type() != weight.type() || !there.shape().equals(weight.shape()))) {
      throw new IllegalArgumentException(
          "weight %s is %s %s already, not %s %s"
              .formatted(
                  weight.name(), there.type(), there.shape(), weight.type(), weight.shape()));
    }
    return weight.value();
  }

  /// Whether there is a weight of that name.
  boolean hasWeight(String name) {
    return weights.containsKey(name);
  }

  /// Whole numbers `[n]`, as shapes and axes are given to operators.
  public GraphValue wholes(long... values) {
    ByteBuffer bytes = little(values.length * Long.BYTES);
    Arrays.stream(values).forEach(bytes::putLong);
    return constant(
        "wholes " + Arrays.toString(values), ElementType.INT64, bytes, (long) values.length);
  }

  /// One whole number of shape [].
  public GraphValue whole(long value) {
    return constant("whole " + value, ElementType.INT64, little(Long.BYTES).putLong(value));
  }

  /// Numbers `[n]`, fp32.
  public GraphValue reals(float... values) {
    ByteBuffer bytes = little(values.length * Float.BYTES);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return constant(
        "reals " + Arrays.toString(values), ElementType.FLOAT, bytes, (long) values.length);
  }

  /// One number of shape [].
  ///
  /// @param type fp32 or fp16
  /// @throws IllegalArgumentException when it is of another type
  public GraphValue real(double value, ElementType type) {
    ByteBuffer bytes = little(type.bytes());
    switch (type) {
      case FLOAT -> bytes.putFloat((float) value);
      case FLOAT16 -> bytes.putShort(Float.floatToFloat16((float) value));
      case INT64, INT32, UINT8, BOOL ->
          throw new IllegalArgumentException(type + " is no type of real numbers");
    }
    return constant("real %s %s".formatted(type, value), type, bytes);
  }

  private GraphValue constant(String key, ElementType type, ByteBuffer bytes, Long... shape) {
    return constants.computeIfAbsent(
        key,
        ignored -> {
          String name = "constant/" + constants.size();
          graph.addInitializer(
              TensorProto.newBuilder()
                  .setName(name)
                  .setDataType(type.number())
                  .addAllDims(List.of(shape))
                  .setRawData(ByteString.copyFrom(bytes.flip())));
          return new GraphValue(name, type);
        });
  }

  private static ByteBuffer little(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static ValueInfoProto described(String name, ElementType type, Dimension... shape) {
    TensorShapeProto.Builder dimensions = TensorShapeProto.newBuilder();
    for (Dimension dimension : shape) {
      switch (dimension) {
        case Dimension.Fixed(long size) -> dimensions.addDimBuilder().setDimValue(size);
        case Dimension.Dynamic(String axis) -> dimensions.addDimBuilder().setDimParam(axis);
      }
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder().setElemType(type.number()).setShape(dimensions)))
        .build();
  }

  /// The graph as it stands.
  public OnnxModel build() {
    return new OnnxModel(graph.build(), List.copyOf(weights.values()), marks, opset);
  }
}
