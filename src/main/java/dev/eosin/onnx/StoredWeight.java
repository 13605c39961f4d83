package dev.eosin.onnx;

import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.checkpoint.TensorHeader;
import dev.eosin.config.DataException;
import dev.eosin.file.FileContent;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/// A stored tensor as a graph's weight: read from its file in pieces when the graph is written.
///
/// @param file that has it
/// @param name in that file
record StoredWeight(StoredTensors file, String name) {
  private static final int PIECE = 1 << 20;
  private static final int LARGEST = 127;

  /// Zero of weights in 8 bits. Unsigned ones are exact on every processor; of signed ones the
  /// products of some overflow.
  static final int ZERO = 128;

  /// As it is, row by row.
  ///
  /// @param named in the graph
  /// @param type fp32 or fp16
  /// @throws DataException when the file has none of that name, or no real numbers
  Initialiser plain(String named, ElementType type) throws DataException {
    TensorHeader header = header();
    FileContent content = out -> write(out, header.elements(), type, i -> i);
    return new Initialiser(named, type, header.shape(), content);
  }

  /// A matrix [out,in] as [in,out].
  ///
  /// @throws DataException as [#plain], and when it is no matrix
  Initialiser transposed(String named, ElementType type) throws DataException {
    List<Long> shape = matrix();
    long rows = shape.getFirst();
    long columns = shape.getLast();
    FileContent content =
        out -> write(out, rows * columns, type, i -> i % rows * columns + i / rows);
    return new Initialiser(named, type, shape.reversed(), content);
  }

  /// A matrix [out,in] as whole numbers [in,out], [#ZERO] among them being 0, each column with its
  /// own scale.
  ///
  /// @param scales [out], see [#scales]
  /// @throws DataException as [#transposed]
  Initialiser bytes(String named, float[] scales) throws DataException {
    List<Long> shape = matrix();
    int rows = Math.toIntExact(shape.getFirst());
    int columns = Math.toIntExact(shape.getLast());
    FileContent content =
        out -> {
          TensorData data = file.entry(name);
          byte[] row = new byte[rows];
          for (int column = 0; column < columns; column++) {
            for (int i = 0; i < rows; i++) {
              double value = data.floatingAt((long) i * columns + column) / scales[i];
              row[i] = (byte) (Math.clamp(Math.round(value), -LARGEST, LARGEST) + ZERO);
            }
            out.write(row, 0, rows);
          }
          data.unload();
        };
    return new Initialiser(named, ElementType.UINT8, shape.reversed(), content);
  }

  /// What the largest number of each row is a 127th of [out]. Reads the tensor.
  ///
  /// @throws DataException as [#transposed], and when a number is not finite
  float[] scales() throws DataException {
    List<Long> shape = matrix();
    TensorData data = file.entry(name);
    int columns = Math.toIntExact(shape.getLast());
    float[] scales = new float[Math.toIntExact(shape.getFirst())];
    for (int row = 0; row < scales.length; row++) {
      double most = 0;
      for (int column = 0; column < columns; column++) {
        most = Math.max(most, Math.abs(data.floatingAt((long) row * columns + column)));
      }
      if (!Double.isFinite(most)) {
        throw new DataException(
            "%s: tensor %s has numbers that are not finite".formatted(file.path(), name));
      }
      scales[row] = most == 0 ? 1 : (float) (most / LARGEST);
    }
    data.unload();
    return scales;
  }

  /// Numbers that are no stored tensor's.
  static Initialiser of(String named, float... values) {
    FileContent content =
        out -> {
          ByteBuffer bytes =
              ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
          bytes.asFloatBuffer().put(values);
          out.write(bytes.array(), 0, bytes.capacity());
        };
    return new Initialiser(named, ElementType.FLOAT, List.of((long) values.length), content);
  }

  /// One whole number of 8 bits.
  static Initialiser of(String named, int value) {
    return new Initialiser(named, ElementType.UINT8, List.of(), out -> out.write(value));
  }

  private TensorHeader header() throws DataException {
    TensorHeader header = file.header(name);
    if (!header.type().isFloating()) {
      throw new DataException(
          "%s: tensor %s is %s, expected real numbers".formatted(file.path(), name, header.type()));
    }
    return header;
  }

  private List<Long> matrix() throws DataException {
    List<Long> shape = header().shape();
    if (shape.size() != 2) {
      throw new DataException(
          "%s: tensor %s is %s, expected a matrix".formatted(file.path(), name, shape));
    }
    return shape;
  }

  /// Which element of the file stands at a place of the graph.
  private interface Order {
    long at(long place);
  }

  private void write(OutputStream out, long elements, ElementType type, Order order)
      throws IOException {
    TensorData data = file.entry(name);
    ByteBuffer piece = ByteBuffer.allocate(PIECE).order(ByteOrder.LITTLE_ENDIAN);
    for (long i = 0; i < elements; i++) {
      if (!piece.hasRemaining()) {
        out.write(piece.array(), 0, piece.position());
        piece.clear();
      }
      double value = data.floatingAt(order.at(i));
      if (type == ElementType.FLOAT16) {
        piece.putShort(half(value));
      } else {
        piece.putFloat((float) value);
      }
    }
    out.write(piece.array(), 0, piece.position());
    data.unload();
  }

  private short half(double value) throws DataException {
    short half = Float.floatToFloat16((float) value);
    if (Double.isFinite(value) && !Float.isFinite(Float.float16ToFloat(half))) {
      throw new DataException(
          "%s: tensor %s holds %s, too large for fp16; export it as fp32"
              .formatted(file.path(), name, value));
    }
    return half;
  }

  @Override
  public String toString() {
    return Arrays.asList(file.path(), name).toString();
  }
}
