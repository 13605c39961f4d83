package dev.eosin.onnx;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;

/// What a value of a graph consists of.
public enum ElementType {
  FLOAT(DataType.FLOAT, 4),
  FLOAT16(DataType.FLOAT16, 2),
  INT64(DataType.INT64, 8),
  INT32(DataType.INT32, 4),
  UINT8(DataType.UINT8, 1),
  BOOL(DataType.BOOL, 1);

  private final DataType proto;
  private final int bytes;

  ElementType(DataType proto, int bytes) {
    this.proto = proto;
    this.bytes = bytes;
  }

  /// The format's number for it.
  int number() {
    return proto.getNumber();
  }

  /// Size of one element.
  int bytes() {
    return bytes;
  }
}
