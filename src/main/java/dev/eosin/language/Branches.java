package dev.eosin.language;

import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/// Rows in which several texts go on from one beginning. Each text sees the beginning and itself,
/// and its positions follow the beginning's: it is computed as if it stood there alone, while the
/// beginning is computed once for all of them.
///
/// Such masks are those of trees of continuations, as in "SpecInfer" (Miao et al. 2023, arXiv
/// 2305.09781); here they serve training.
///
/// @param width n, columns of the rows
/// @param parts of each of b rows: the length of the beginning, then that of each text; columns
///   behind the last are filler
public record Branches(int width, List<int[]> parts) {
  /// @throws IllegalArgumentException when a row's parts are more than n columns
  public Branches {
    parts = List.copyOf(parts);
    for (int[] row : parts) {
      if (Arrays.stream(row).sum() > width) {
        throw new IllegalArgumentException(
            "parts of %s make more than %d columns".formatted(Arrays.toString(row), width));
      }
    }
  }

  /// b
  int rows() {
    return parts.size();
  }

  /// Whether some row has more than one text, so that its tokens do not see all before them.
  boolean forked() {
    return parts.stream().anyMatch(row -> row.length > 2);
  }

  /// Each token's place behind the beginning of its row. [b,n]
  long[] positions() {
    long[] positions = new long[rows() * width];
    for (int row = 0; row < rows(); row++) {
      int begun = parts.get(row).length == 0 ? 0 : parts.get(row)[0];
      int at = row * width;
      for (int part = 0; part <= parts.get(row).length; part++) {
        int from = part == 0 ? 0 : begun;
        int end = end(row, part, at);
        for (int first = at; at < end; at++) {
          positions[at] = from + at - first;
        }
      }
    }
    return positions;
  }

  /// The text that each token belongs to, from 1; 0 for the beginning; filler has one of its own.
  /// [b,n]
  private long[] owners() {
    long[] owners = new long[rows() * width];
    for (int row = 0; row < rows(); row++) {
      int at = row * width;
      for (int part = 0; part <= parts.get(row).length; part++) {
        int end = end(row, part, at);
        Arrays.fill(owners, at, end, part);
        at = end;
      }
    }
    return owners;
  }

  private int end(int row, int part, int from) {
    int[] lengths = parts.get(row);
    return part < lengths.length ? from + lengths[part] : (row + 1) * width;
  }

  /// What each token does not see, additive fp32 [b,1,n,n]; the caller closes it.
  ///
  /// @param window how many tokens, itself included, a token sees; 0 for all
  Tensor mask(Engine engine, int window) {
    try (Tensor owners = engine.of(owners(), rows(), width);
        Tensor positions = engine.of(positions(), rows(), width);
        Tensor seen = engine.kernels().one("seen_branches", owners, positions, window)) {
      return engine.kernels().one("additive_mask", seen);
    }
  }
}
