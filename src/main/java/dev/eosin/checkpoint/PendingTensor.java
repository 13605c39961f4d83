package dev.eosin.checkpoint;

import dev.eosin.config.DataException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Supplier;

/// A tensor whose type and shape are known and whose contents are made when they are written, so
/// that a model larger than memory can be converted tensor by tensor.
///
/// @param data makes the contents, each time anew; may throw UncheckedIOException
public record PendingTensor(StoredType type, List<Long> shape, Supplier<TensorData> data) {
  private static final long ALIGNMENT = 64;

  public PendingTensor {
    shape = List.copyOf(shape);
  }

  static PendingTensor of(TensorData data) {
    return new PendingTensor(data.type(), data.shape(), () -> data);
  }

  /// A tensor of a file, read each time anew.
  ///
  /// @param type of the elements as they are written; the file's are rounded to it
  /// @throws DataException when the file has none of that name
  public static PendingTensor of(StoredTensors file, String name, StoredType type)
      throws DataException {
    return new PendingTensor(
        type,
        file.header(name).shape(),
        () -> {
          try {
            return ElementCast.of(file, name, type);
          } catch (DataException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  /// The same with more rows behind its own, each their mean: of a table, and of a head, where the
  /// score of a new id is then the mean of all others' and never the largest.
  ///
  /// @param rows more of them
  /// @throws IllegalStateException when it is no matrix
  public PendingTensor withMeanRows(long rows) {
    if (shape.size() != 2) {
      throw new IllegalStateException("%s has no rows to add to".formatted(shape));
    }
    List<Long> longer = List.of(shape.getFirst() + rows, shape.getLast());
    return new PendingTensor(type, longer, () -> longer(data.get(), longer));
  }

  private static TensorData longer(TensorData data, List<Long> shape) {
    int width = Math.toIntExact(shape.getLast());
    double[] mean = new double[width];
    long there = data.elements();
    for (long i = 0; i < there; i++) {
      mean[(int) (i % width)] += data.floatingAt(i) * width / there;
    }
    long size = data.bytes().byteSize();
    List<Long> behind = List.of(shape.getFirst() - there / width, (long) width);
    TensorData more = ElementCast.of(behind, data.type(), i -> mean[(int) (i % width)]);
    MemorySegment all = Arena.ofAuto().allocate(size + more.bytes().byteSize(), ALIGNMENT);
    MemorySegment.copy(data.bytes(), 0, all, 0, size);
    MemorySegment.copy(more.bytes(), 0, all, size, more.bytes().byteSize());
    return new TensorData(data.type(), shape, all);
  }
}
