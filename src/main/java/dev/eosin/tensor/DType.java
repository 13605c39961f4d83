package dev.eosin.tensor;

/// Element types, with libtorch's scalar type numbers.
public enum DType {
  UINT8(0, 1),
  INT8(1, 1),
  INT32(3, 4),
  INT64(4, 8),
  FLOAT16(5, 2),
  FLOAT32(6, 4),
  FLOAT64(7, 8),
  BOOL(11, 1),
  BFLOAT16(15, 2);

  private final int scalarType;
  private final int bytes;

  DType(int scalarType, int bytes) {
    this.scalarType = scalarType;
    this.bytes = bytes;
  }

  /// libtorch's number of this type, as kernels take it.
  public int scalarType() {
    return scalarType;
  }

  /// Bytes per element.
  public int bytes() {
    return bytes;
  }

  static DType ofScalarType(int scalarType) {
    for (DType type : values()) {
      if (type.scalarType == scalarType) {
        return type;
      }
    }
    throw new IllegalArgumentException("libtorch scalar type " + scalarType + " has no DType");
  }
}
