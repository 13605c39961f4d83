package dev.eosin.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.CodedOutputStream;
import dev.eosin.file.FileContent;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A finished graph, to be written as one file, or with its weights in a file beside it. Either way
/// weights are made one after the other while they are written.
///
/// Source: ONNX's `onnx.proto3`, and its page on external data.
public final class OnnxModel {
  /// The largest file that protobuf can hold.
  public static final long MOST_BYTES = Integer.MAX_VALUE;

  /// Weights of fewer bytes stay in the graph, as ONNX's own tools have it.
  private static final long SMALL = 1024;

  /// How protobuf marks a message, or bytes, inside of a message.
  private static final int LENGTH_DELIMITED = 2;

  /// Room for what stands around graph and weights.
  private static final long MARGIN_BYTES = 1 << 20;

  /// Each weight beside a graph begins at a multiple of this.
  private static final long ALIGNMENT = 64;

  private final GraphProto graph;
  private final List<Initialiser> weights;
  private final Map<String, ValueInfoProto> marks;
  private final Opset opset;

  OnnxModel(
      GraphProto graph, List<Initialiser> weights, Map<String, ValueInfoProto> marks, Opset opset) {
    this.graph = graph;
    this.weights = List.copyOf(weights);
    this.marks = Collections.unmodifiableMap(new LinkedHashMap<>(marks));
    this.opset = opset;
  }

  /// Names of the values that were marked, in the order in which they are computed; in a graph of
  /// [#withMarks] each is an output of the name that this gives.
  public Map<String, String> marks() {
    Map<String, String> names = new LinkedHashMap<>();
    marks.forEach((mark, value) -> names.put(mark, value.getName()));
    return Collections.unmodifiableMap(names);
  }

  /// The same graph, which also gives out what was marked.
  public OnnxModel withMarks() {
    GraphProto.Builder more = graph.toBuilder();
    marks.values().forEach(more::addOutput);
    return new OnnxModel(more.build(), weights, marks, opset);
  }

  /// Bytes of all weights.
  public long weightBytes() {
    return weights.stream().mapToLong(Initialiser::bytes).sum();
  }

  /// Whether one file can hold it.
  public boolean fitsOneFile() {
    return weightBytes() + graph.getSerializedSize() + MARGIN_BYTES < MOST_BYTES;
  }

  /// The whole as one file.
  ///
  /// @throws IllegalStateException when it is too large for one
  public FileContent file() {
    if (!fitsOneFile()) {
      throw new IllegalStateException("%d bytes do not fit one file".formatted(weightBytes()));
    }
    return out -> write(out, Map.of());
  }

  /// The graph, whose weights lie in a file beside it.
  ///
  /// @param data name of that file
  public FileContent fileBeside(String data) {
    return out -> write(out, places(data));
  }

  /// The file of weights for [#fileBeside].
  public FileContent weightsFile() {
    return out -> {
      long written = 0;
      for (Initialiser weight : large()) {
        long start = aligned(written);
        out.write(new byte[Math.toIntExact(start - written)]);
        checked(weight, out);
        written = start + weight.bytes();
      }
    };
  }

  private List<Initialiser> large() {
    return weights.stream().filter(weight -> weight.bytes() >= SMALL).toList();
  }

  private static long aligned(long offset) {
    return Math.ceilDiv(offset, ALIGNMENT) * ALIGNMENT;
  }

  private Map<String, TensorProto> places(String data) {
    Map<String, TensorProto> places = new LinkedHashMap<>();
    long offset = 0;
    for (Initialiser weight : large()) {
      offset = aligned(offset);
      places.put(
          weight.name(),
          header(weight)
              .setDataLocation(TensorProto.DataLocation.EXTERNAL)
              .addExternalData(entry("location", data))
              .addExternalData(entry("offset", Long.toString(offset)))
              .addExternalData(entry("length", Long.toString(weight.bytes())))
              .build());
      offset += weight.bytes();
    }
    return places;
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }

  private static TensorProto.Builder header(Initialiser weight) {
    return TensorProto.newBuilder()
        .setName(weight.name())
        .setDataType(weight.type().number())
        .addAllDims(weight.shape());
  }

  /// Protobuf's messages inside of messages begin with their lengths, so that those are counted
  /// before anything is written.
  private void write(OutputStream out, Map<String, TensorProto> beside) throws IOException {
    CodedOutputStream coded = CodedOutputStream.newInstance(out);
    ModelProto model =
        ModelProto.newBuilder()
            .setIrVersion(opset.format())
            .setProducerName("eosin")
            .addOpsetImport(
                OperatorSetIdProto.newBuilder().setDomain("").setVersion(opset.number()))
            .build();
    model.writeTo(coded);
    long size = graph.getSerializedSize();
    for (Initialiser weight : weights) {
      long inner = size(weight, beside);
      size +=
          CodedOutputStream.computeTagSize(GraphProto.INITIALIZER_FIELD_NUMBER)
              + CodedOutputStream.computeUInt64SizeNoTag(inner)
              + inner;
    }
    coded.writeTag(ModelProto.GRAPH_FIELD_NUMBER, LENGTH_DELIMITED);
    coded.writeUInt64NoTag(size);
    graph.writeTo(coded);
    for (Initialiser weight : weights) {
      coded.writeTag(GraphProto.INITIALIZER_FIELD_NUMBER, LENGTH_DELIMITED);
      coded.writeUInt64NoTag(size(weight, beside));
      TensorProto place = beside.get(weight.name());
      if (place != null) {
        place.writeTo(coded);
      } else {
        header(weight).build().writeTo(coded);
        coded.writeTag(TensorProto.RAW_DATA_FIELD_NUMBER, LENGTH_DELIMITED);
        coded.writeUInt64NoTag(weight.bytes());
        coded.flush();
        checked(weight, out);
      }
    }
    coded.flush();
  }

  private static long size(Initialiser weight, Map<String, TensorProto> beside) {
    TensorProto place = beside.get(weight.name());
    return place != null
        ? place.getSerializedSize()
        : header(weight).build().getSerializedSize()
            + CodedOutputStream.computeTagSize(TensorProto.RAW_DATA_FIELD_NUMBER)
            + CodedOutputStream.computeUInt64SizeNoTag(weight.bytes())
            + weight.bytes();
  }

  /// Writes a weight, whose bytes were announced.
  private static void checked(Initialiser weight, OutputStream out) throws IOException {
    var counted = new Counted(out);
    weight.content().writeTo(counted);
    if (counted.bytes != weight.bytes()) {
      throw new IllegalStateException(
          "weight %s: %d bytes announced, %d written"
              .formatted(weight.name(), weight.bytes(), counted.bytes));
    }
  }

  private static final class Counted extends FilterOutputStream {
    private long bytes;

    Counted(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] values, int offset, int length) throws IOException {
      out.write(values, offset, length);
      bytes += length;
    }

    @Override
    public void write(int value) throws IOException {
      out.write(value);
      bytes++;
    }
  }

  /// What a graph takes or gives.
  ///
  /// @param dimensions -1 for those that are free
  public record Port(String name, ElementType type, List<Long> dimensions) {
    public Port {
      dimensions = List.copyOf(dimensions);
    }

    private static Port of(ValueInfoProto value) {
      TypeProto.Tensor tensor = value.getType().getTensorType();
      return new Port(
          value.getName(),
          Arrays.stream(ElementType.values())
              .filter(type -> type.number() == tensor.getElemType())
              .findFirst()
              .orElseThrow(),
          tensor.getShape().getDimList().stream()
              .map(each -> each.hasDimValue() ? each.getDimValue() : -1L)
              .toList());
    }
  }

  /// What it takes, in order.
  public List<Port> takes() {
    return graph.getInputList().stream().map(Port::of).toList();
  }

  /// What it gives, in order.
  public List<Port> gives() {
    return graph.getOutputList().stream().map(Port::of).toList();
  }

  /// Names of what it takes, in order.
  public List<String> inputs() {
    return graph.getInputList().stream().map(ValueInfoProto::getName).toList();
  }

  /// Names of its weights, in the order in which they were first used.
  public List<String> weights() {
    return weights.stream().map(Initialiser::name).toList();
  }
}
