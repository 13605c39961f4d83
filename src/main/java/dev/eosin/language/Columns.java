package dev.eosin.language;

import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Tensor;
import java.util.Arrays;
import java.util.Optional;

/// Where the tokens of some rows stand: row i has them in columns from its start on, as padding on
/// the left leaves them. Padding on the right needs no word: no token sees what follows it.
///
/// @param width n, columns of the rows
/// @param starts first column of each row [b]; one for all of them where rows are alike
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
public record Columns(int width, long... starts) {
  /// Rows that begin in their first column.
  public static Columns whole(int width) {
    return new Columns(width, 0);
  }

  /// Rows that end in the last of `width` columns.
  ///
  /// @param lengths of each row
  public static Columns endingTogether(int width, int... lengths) {
    return new Columns(width, Arrays.stream(lengths).mapToLong(length -> width - length).toArray());
  }

  /// Whether some row begins later than another could.
  boolean padded() {
    return Arrays.stream(starts).anyMatch(start -> start > 0);
  }

  /// Each token's place in its row, from 0; 0 for padding before it. [rows of `starts`, count]
  ///
  /// @param first column
  /// @param count of columns
  long[] positions(int first, int count) {
    long[] positions = new long[starts.length * count];
    for (int row = 0; row < starts.length; row++) {
      for (int i = 0; i < count; i++) {
        positions[row * count + i] = Math.max(0, first + i - starts[row]);
      }
    }
    return positions;
  }

  /// What each token does not see, additive fp32 [k,1,n,n]; nothing where every token sees all
  /// before it. The caller closes it.
  ///
  /// @param window how many tokens, itself included, a token sees; 0 for all
  Optional<Tensor> mask(Engine engine, int window) {
    if (!padded() && (window == 0 || window >= width)) {
      return Optional.empty();
    }
    try (Tensor firsts = engine.of(starts, starts.length);
        Tensor seen = engine.kernels().one("seen_columns", firsts, 0, width, 0, window)) {
      return Optional.of(engine.kernels().one("additive_mask", seen));
    }
  }

  @Override
  public String toString() {
    return "%d columns from %s".formatted(width, Arrays.toString(starts));
  }
}
