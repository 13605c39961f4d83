package dev.eosin.language;

import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Tensor;
import java.util.Arrays;
import java.util.Optional;

/// Which tokens of some rows are there; the others fill rows up and are seen by none. They may
/// stand anywhere.
///
/// @param rows b
/// @param width n, columns of the rows
/// @param present 1 for a token, 0 for what is none [b n]
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
public record TokenMask(int rows, int width, long... present) {
  /// @throws IllegalArgumentException when `present` is not `rows` x `width`
  public TokenMask {
    if (present.length != rows * width) {
      throw new IllegalArgumentException(
          "a mask of %d tokens for %d rows of %d".formatted(present.length, rows, width));
    }
  }

  /// Rows without anything that fills them up.
  public static TokenMask whole(int rows, int width) {
    long[] present = new long[rows * width];
    Arrays.fill(present, 1);
    return new TokenMask(rows, width, present);
  }

  /// Rows that begin in their first column.
  ///
  /// @param lengths of each row
  public static TokenMask of(int width, int... lengths) {
    long[] present = new long[lengths.length * width];
    for (int row = 0; row < lengths.length; row++) {
      Arrays.fill(present, row * width, row * width + lengths[row], 1);
    }
    return new TokenMask(lengths.length, width, present);
  }

  /// What no token sees, additive fp32 [b,1,1,n]; nothing where all are there. The caller closes
  /// it.
  Optional<Tensor> additive(Engine engine) {
    if (Arrays.stream(present).allMatch(each -> each != 0)) {
      return Optional.empty();
    }
    try (Tensor seen = engine.of(present, rows, 1, 1, width)) {
      return Optional.of(engine.kernels().one("additive_mask", seen));
    }
  }

  @Override
  public String toString() {
    return "%d of %d x %d tokens".formatted(Arrays.stream(present).sum(), rows, width);
  }
}
