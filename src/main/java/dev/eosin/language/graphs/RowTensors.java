package dev.eosin.language.graphs;

import dev.eosin.checkpoint.TensorData;
import java.util.function.IntUnaryOperator;

/// Parts of what graphs take and give, row by row. b rows, n columns.
final class RowTensors {
  private RowTensors() {}

  /// Some columns of every row.
  ///
  /// @param data [b,n] or [b,n,c]
  /// @param from the first
  /// @param to behind the last
  static TensorData columns(TensorData data, int from, int to) {
    long[] shape = data.dimensions();
    int rows = Math.toIntExact(shape[0]);
    int width = Math.toIntExact(shape[1]);
    if (from == 0 && to == width) {
      return data;
    }
    int each = Math.toIntExact(data.elements() / rows / width);
    shape[1] = to - from;
    return taken(data, shape, (to - from) * each, row -> (row * width + from) * each);
  }

  /// Some elements of each row.
  ///
  /// @param shape of what is taken
  /// @param size elements of each of its rows
  /// @param start of a row's first among all
  private static TensorData taken(TensorData data, long[] shape, int size, IntUnaryOperator start) {
    int rows = Math.toIntExact(shape[0]);
    if (data.type().isFloating()) {
      float[] all = data.floats();
      float[] some = new float[rows * size];
      for (int row = 0; row < rows; row++) {
        System.arraycopy(all, start.applyAsInt(row), some, row * size, size);
      }
      return TensorData.of(some, shape);
    }
    long[] all = data.longs();
    long[] some = new long[rows * size];
    for (int row = 0; row < rows; row++) {
      System.arraycopy(all, start.applyAsInt(row), some, row * size, size);
    }
    return TensorData.of(some, shape);
  }

  /// Rows in another order, or more than once.
  ///
  /// @param data [b,...]
  static TensorData chosen(TensorData data, int[] from) {
    long[] shape = data.dimensions();
    int each = Math.toIntExact(data.elements() / shape[0]);
    shape[0] = from.length;
    return taken(data, shape, each, row -> from[row] * each);
  }

  /// A mask [b,n] with a token more in each row `[b (n + 1)]`.
  static long[] longer(TensorData mask) {
    int rows = mask.shape().getFirst().intValue();
    int width = mask.shape().get(1).intValue();
    long[] old = mask.longs();
    long[] longer = new long[rows * (width + 1)];
    for (int row = 0; row < rows; row++) {
      System.arraycopy(old, row * width, longer, row * (width + 1), width);
      longer[(row + 1) * (width + 1) - 1] = 1;
    }
    return longer;
  }
}
