package dev.eosin.checkpoint;

import dev.eosin.config.DataException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.Supplier;

/// A tensor whose type and shape are known and whose contents are made when they are written, so
/// that a model larger than memory can be converted tensor by tensor.
///
/// @param data makes the contents, each time anew; may throw UncheckedIOException
public record PendingTensor(StoredType type, List<Long> shape, Supplier<TensorData> data) {
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
}
