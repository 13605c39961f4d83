package dev.eosin.tensor.vectors;

import dev.eosin.tensor.DType;
import dev.eosin.tensor.Tensor;
import java.util.Optional;

/// A matrix of weights [r,c] in memory, multiplied by a few inputs of c floats.
///
/// A weight is read once for up to four inputs, and again from the cache for the next four. The sum
/// of a row is the same bits however many inputs there are and whatever else is computed. Threads
/// may share one matrix.
public sealed interface RowMatrix permits FloatRows, BFloat16Rows {
  /// Rows of the matrix that are computed together.
  int BLOCK = 4;

  /// The matrix that a tensor is; empty where its type is neither fp32 nor bf16. It reads the
  /// tensor's memory, which must stay open.
  ///
  /// @param weight [r,c], contiguous, on the CPU
  static Optional<RowMatrix> of(Tensor weight) {
    if (weight.shape().length != 2) {
      throw new IllegalArgumentException(weight + " is no matrix");
    }
    int rows = Math.toIntExact(weight.size(0));
    int columns = Math.toIntExact(weight.size(1));
    return switch (weight.dtype()) {
      case DType.FLOAT32 -> Optional.of(new FloatRows(weight.segment(), rows, columns));
      case DType.BFLOAT16 -> Optional.of(new BFloat16Rows(weight.segment(), rows, columns));
      default -> Optional.empty();
    };
  }

  int rows();

  int columns();

  /// Writes the products of rows `from` to `to` of the matrix with every input.
  ///
  /// @param x inputs [inputs,c]
  /// @param y products [inputs,r]
  void times(float[] x, int inputs, int from, int to, float[] y);
}
