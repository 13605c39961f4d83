package dev.eosin.language;

import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Tensor;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/// Where the tokens of some rows stand: row i has them in columns from its start on, as padding on
/// the left leaves them. Padding on the right needs no word: no token sees what follows it.
///
/// A packed row is several rows one after the other, each of which sees itself alone; a branched
/// one is several texts behind one beginning.
///
/// @param width n, columns of the rows
/// @param starts first column of each row `[b]`; one for all of them where rows are alike
/// @param segments lengths of the rows that the only row is made of, n together; empty where
///   nothing is packed
/// @param branches of the rows; empty where a token sees all before it in its row
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
public record Columns(int width, long[] starts, long[] segments, Optional<Branches> branches) {
  public Columns(int width, long... starts) {
    this(width, starts, new long[0], Optional.empty());
  }

  /// One row of several.
  ///
  /// @param lengths of each
  public static Columns packed(long... lengths) {
    int width = Math.toIntExact(Arrays.stream(lengths).sum());
    return new Columns(width, new long[1], lengths, Optional.empty());
  }

  /// Rows of several texts each.
  public static Columns branched(Branches branches) {
    long[] starts = new long[branches.rows()];
    return new Columns(branches.width(), starts, new long[0], Optional.of(branches));
  }

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

  /// Each token's place in its row, segment or branch, from 0; 0 for padding before it. [rows of
  /// `starts`, count]
  ///
  /// @param first column; 0 where rows are packed or branched
  /// @param count of columns; all of them where rows are packed or branched
  long[] positions(int first, int count) {
    if (branches.isPresent()) {
      return branches.get().positions();
    }
    if (segments.length > 0) {
      return Arrays.stream(segments).flatMap(length -> LongStream.range(0, length)).toArray();
    }
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
    if (branches.isPresent() && branches.get().forked()) {
      return Optional.of(branches.get().mask(engine, window));
    }
    if (segments.length > 0) {
      return segmentMask(engine, window);
    }
    if (!padded() && (window == 0 || window >= width)) {
      return Optional.empty();
    }
    try (Tensor firsts = engine.of(starts, starts.length);
        Tensor seen = engine.kernels().one("seen_columns", firsts, 0, width, 0, window)) {
      return Optional.of(engine.kernels().one("additive_mask", seen));
    }
  }

  /// Segments are told to the blocks by their lengths; a window that one is longer than, by a mask.
  private Optional<Tensor> segmentMask(Engine engine, int window) {
    if (window == 0 || Arrays.stream(segments).allMatch(length -> length <= window)) {
      return Optional.empty();
    }
    long[] owner =
        IntStream.range(0, segments.length)
            .boxed()
            .flatMapToLong(i -> LongStream.generate(() -> i).limit(segments[i]))
            .toArray();
    try (Tensor owners = engine.of(owner, owner.length);
        Tensor seen = engine.kernels().one("seen_segments", owners, window)) {
      return Optional.of(engine.kernels().one("additive_mask", seen));
    }
  }

  /// What blocks are told of segments besides a mask.
  long[] segments(boolean masked) {
    return masked ? new long[0] : segments;
  }

  @Override
  public String toString() {
    return "%d columns from %s".formatted(width, Arrays.toString(starts));
  }
}
