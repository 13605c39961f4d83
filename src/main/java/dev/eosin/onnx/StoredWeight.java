package dev.eosin.onnx;

import dev.eosin.checkpoint.Elements;
import dev.eosin.checkpoint.StoredTensors;
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

  /// Numbers of a matrix that are held while it is turned: 32 MiB.
  private static final int HELD = 1 << 23;

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
    FileContent content = out -> write(out, header.elements(), type);
    return new Initialiser(named, type, header.shape(), content);
  }

  /// A matrix [out,in] as [in,out].
  ///
  /// @throws DataException as [#plain], and when it is no matrix
  Initialiser transposed(String named, ElementType type) throws DataException {
    List<Long> shape = matrix();
    FileContent content =
        out -> {
          var pieces = new Pieces(out, type);
          turned(pieces::put);
          pieces.flush();
        };
    return new Initialiser(named, type, shape.reversed(), content);
  }

  /// A matrix [out,in] as whole numbers [in,out], [#ZERO] among them being 0, each column with its
  /// own scale.
  ///
  /// @param scales [out], see [#scales]
  /// @throws DataException as [#transposed]
  Initialiser bytes(String named, float[] scales) throws DataException {
    List<Long> shape = matrix();
    FileContent content =
        out ->
            turned(
                values -> {
                  byte[] row = new byte[values.length];
                  for (int i = 0; i < row.length; i++) {
                    long value = Math.round((double) values[i] / scales[i]);
                    row[i] = (byte) (Math.clamp(value, -LARGEST, LARGEST) + ZERO);
                  }
                  out.write(row, 0, row.length);
                });
    return new Initialiser(named, ElementType.UINT8, shape.reversed(), content);
  }

  /// What the largest number of each row is a 127th of [out]. Reads the tensor.
  ///
  /// @throws DataException as [#transposed], and when a number is not finite
  float[] scales() throws DataException {
    List<Long> shape = matrix();
    int columns = Math.toIntExact(shape.getLast());
    float[] scales = new float[Math.toIntExact(shape.getFirst())];
    try (Elements data = file.elements(name)) {
      for (int row = 0; row < scales.length; row++) {
        double most = 0;
        for (int column = 0; column < columns; column++) {
          most = Math.max(most, Math.abs(data.at((long) row * columns + column)));
        }
        if (!Double.isFinite(most)) {
          throw new DataException(
              "%s: tensor %s has numbers that are not finite".formatted(file.path(), name));
        }
        scales[row] = most == 0 ? 1 : (float) (most / LARGEST);
      }
    }
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

  /// What is done with a column of a matrix.
  private interface Columns {
    /// @param values of all rows
    void take(float[] values) throws IOException;
  }

  /// Hands on the columns of a matrix one after the other, some of them held at once: each row of
  /// the file is read, or made, once for those.
  private void turned(Columns taken) throws IOException {
    List<Long> shape = matrix();
    int rows = Math.toIntExact(shape.getFirst());
    int columns = Math.toIntExact(shape.getLast());
    int atOnce = Math.clamp(HELD / rows, 1, columns);
    float[][] held = new float[atOnce][rows];
    try (Elements data = file.elements(name)) {
      for (int from = 0; from < columns; from += atOnce) {
        int some = Math.min(atOnce, columns - from);
        for (int row = 0; row < rows; row++) {
          long first = (long) row * columns + from;
          for (int column = 0; column < some; column++) {
            held[column][row] = (float) data.at(first + column);
          }
        }
        for (int column = 0; column < some; column++) {
          taken.take(held[column]);
        }
      }
    }
  }

  private void write(OutputStream out, long elements, ElementType type) throws IOException {
    var pieces = new Pieces(out, type);
    try (Elements data = file.elements(name)) {
      for (long i = 0; i < elements; i++) {
        pieces.one((float) data.at(i));
      }
    }
    pieces.flush();
  }

  /// Numbers on their way out.
  private final class Pieces {
    private final OutputStream out;
    private final ElementType type;
    private final ByteBuffer piece = ByteBuffer.allocate(PIECE).order(ByteOrder.LITTLE_ENDIAN);

    Pieces(OutputStream out, ElementType type) {
      this.out = out;
      this.type = type;
    }

    void put(float... values) throws IOException {
      for (float value : values) {
        one(value);
      }
    }

    void one(float value) throws IOException {
      if (!piece.hasRemaining()) {
        flush();
      }
      if (type == ElementType.FLOAT16) {
        piece.putShort(half(value));
      } else {
        piece.putFloat(value);
      }
    }

    void flush() throws IOException {
      out.write(piece.array(), 0, piece.position());
      piece.clear();
    }
  }

  private short half(float value) throws DataException {
    short half = Float.floatToFloat16(value);
    if (Float.isFinite(value) && !Float.isFinite(Float.float16ToFloat(half))) {
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
