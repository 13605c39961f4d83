package dev.eosin.index;

import dev.eosin.checkpoint.BareTensor;
import dev.eosin.checkpoint.StoredType;
import dev.eosin.config.DataException;
import dev.eosin.eval.embeddings.StoredEmbeddings;
import dev.eosin.file.FileContent;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;

/// Vectors of length 1 as bare numbers on disk, mapped: fp32 [n,e], row-major, little-endian. Close
/// it, after what reads it.
public final class VectorFile implements AutoCloseable {
  private static final double SMALLEST_NORM = 1e-12;

  private final BareTensor tensor;
  private final int size;
  private final int width;

  private VectorFile(BareTensor tensor, int size, int width) {
    this.tensor = tensor;
    this.size = size;
    this.width = width;
  }

  /// Embeddings, each brought to length 1, block by block.
  ///
  /// @return what throws a DataException when they cannot be read, or one is zero
  static FileContent of(StoredEmbeddings from) {
    int width = from.width();
    return out ->
        from.blocks(
            (first, values) -> {
              ByteBuffer bytes =
                  ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
              for (int row = 0; row < values.length / width; row++) {
                double norm = norm(values, row * width, width);
                if (norm < SMALLEST_NORM) {
                  throw new DataException(
                      "%s: the embedding of row %d, %s, is zero and has no direction"
                          .formatted(
                              from.path(), first + row, from.rows().get((int) first + row).path()));
                }
                for (int i = row * width; i < (row + 1) * width; i++) {
                  bytes.putFloat((float) (values[i] / norm));
                }
              }
              out.write(bytes.array());
            });
  }

  private static double norm(float[] values, int from, int width) {
    double squares = 0;
    for (int i = from; i < from + width; i++) {
      squares += (double) values[i] * values[i];
    }
    return Math.sqrt(squares);
  }

  /// @throws DataException when the file cannot be read, or has another size
  public static VectorFile open(Path file, int size, int width) throws DataException {
    List<Long> shape = List.of((long) size, (long) width);
    return new VectorFile(BareTensor.open(file, StoredType.F32, shape), size, width);
  }

  /// n, the number of vectors.
  public int size() {
    return size;
  }

  /// e, of each.
  public int width() {
    return width;
  }

  /// Some of them on the engine's device [count,e]: in place where that is the CPU. The caller
  /// closes it, before this.
  Tensor rows(Engine engine, int first, int count) {
    return tensor.data().rows(first, count).on(engine, tensor);
  }

  /// A copy of one of them `[e]`.
  float[] row(int index) {
    return tensor.data().rows(index, 1).floats();
  }

  @Override
  public void close() {
    tensor.close();
  }
}
