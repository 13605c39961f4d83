package dev.eosin.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import com.google.protobuf.ByteString;
import java.util.Arrays;

/// A setting of one operator that is known when the graph is made.
public sealed interface Attribute {
  /// A whole number.
  record Whole(String name, long value) implements Attribute {}

  /// Several whole numbers.
  @SuppressWarnings("ArrayRecordComponent") // written once, never compared
  record Wholes(String name, long... values) implements Attribute {
    @Override
    public String toString() {
      return name + " " + Arrays.toString(values);
    }
  }

  /// A number.
  record Real(String name, float value) implements Attribute {}

  /// A word.
  record Word(String name, String value) implements Attribute {}

  static Attribute of(String name, long value) {
    return new Whole(name, value);
  }

  static Attribute of(String name, long[] values) {
    return new Wholes(name, values);
  }

  static Attribute of(String name, float value) {
    return new Real(name, value);
  }

  static Attribute of(String name, String value) {
    return new Word(name, value);
  }

  /// In the format's own classes.
  static AttributeProto proto(Attribute attribute) {
    AttributeProto.Builder proto = AttributeProto.newBuilder();
    switch (attribute) {
      case Whole(String name, long value) ->
          proto.setName(name).setType(AttributeProto.AttributeType.INT).setI(value);
      case Wholes(String name, long[] values) -> {
        proto.setName(name).setType(AttributeProto.AttributeType.INTS);
        Arrays.stream(values).forEach(proto::addInts);
      }
      case Real(String name, float value) ->
          proto.setName(name).setType(AttributeProto.AttributeType.FLOAT).setF(value);
      case Word(String name, String value) ->
          proto
              .setName(name)
              .setType(AttributeProto.AttributeType.STRING)
              .setS(ByteString.copyFromUtf8(value));
    }
    return proto.build();
  }
}
