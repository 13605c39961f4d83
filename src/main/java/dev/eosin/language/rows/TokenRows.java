package dev.eosin.language.rows;

import dev.eosin.data.batches.Tokens;
import dev.eosin.language.Branches;
import dev.eosin.language.Columns;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/// Some rows of a batch as a decoder takes them: b rows cut after the longest of them, n ids; and
/// the s tokens whose successors are asked for. Packed, they are one row of as many ids as there
/// are.
///
/// @param size b
/// @param width n
/// @param ids [b n]
/// @param places of the tokens `[s]`, among all b n
/// @param targets what follows them `[s]`
/// @param segments lengths of the rows that the only row is made of; empty where nothing is packed
/// @param branches of the rows; empty where a token sees all before it in its row
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
public record TokenRows(
    int size,
    int width,
    long[] ids,
    long[] places,
    long[] targets,
    long[] segments,
    Optional<Branches> branches) {
  public TokenRows(int size, int width, long[] ids, long[] places, long[] targets) {
    this(size, width, ids, places, targets, NONE, Optional.empty());
  }

  /// Rows `from` to `to`, filled up. The first token of a row follows nothing, so that nothing asks
  /// for it.
  public static TokenRows of(Tokens tokens, int from, int to) {
    int width = tokens.longest(from, to);
    int[] starts = IntStream.range(0, to - from).map(row -> row * width).toArray();
    long[] ids = new long[(to - from) * width];
    for (int row = from; row < to; row++) {
      copy(tokens, row, width, ids, (row - from) * width);
    }
    return asked(tokens, from, starts, new TokenRows(to - from, width, ids, NONE, NONE));
  }

  /// The same rows one after the other in one row, none of them filled up.
  public static TokenRows packed(Tokens tokens, int from, int to) {
    int[] starts = new int[to - from];
    long[] segments = new long[to - from];
    int width = 0;
    for (int row = from; row < to; row++) {
      starts[row - from] = width;
      segments[row - from] = Math.max(1, tokens.lengths()[row]);
      width += Math.max(1, tokens.lengths()[row]);
    }
    long[] ids = new long[width];
    for (int row = from; row < to; row++) {
      copy(tokens, row, Math.toIntExact(segments[row - from]), ids, starts[row - from]);
    }
    return asked(
        tokens, from, starts, new TokenRows(1, width, ids, NONE, NONE, segments, Optional.empty()));
  }

  private static final long[] NONE = {};

  private static void copy(Tokens tokens, int row, int count, long[] ids, int start) {
    for (int i = 0; i < count; i++) {
      ids[start + i] = tokens.ids()[row * tokens.width() + i];
    }
  }

  /// @param starts where the rows begin among the ids
  private static TokenRows asked(Tokens tokens, int from, int[] starts, TokenRows rows) {
    var places = LongStream.builder();
    var targets = LongStream.builder();
    for (int row = from; row < from + starts.length; row++) {
      for (int i = 1; i < tokens.lengths()[row]; i++) {
        if (tokens.supervised()[row * tokens.width() + i]) {
          int at = starts[row - from] + i;
          places.add(at - 1L);
          targets.add(rows.ids[at]);
        }
      }
    }
    return new TokenRows(
        rows.size,
        rows.width,
        rows.ids,
        places.build().toArray(),
        targets.build().toArray(),
        rows.segments,
        rows.branches);
  }

  /// The same with other ids in their places.
  public TokenRows with(long... others) {
    return new TokenRows(size, width, others, places, targets, segments, branches);
  }

  /// The same rows as several texts each.
  ///
  /// @param parts of each row: the length of what its texts begin with, then that of each of them;
  ///   no text begins with what is asked for
  /// @throws IllegalArgumentException when rows are packed
  public TokenRows branched(List<int[]> parts) {
    if (segments.length > 0) {
      throw new IllegalArgumentException("packed rows cannot be several texts each");
    }
    var several = new Branches(width, parts);
    return new TokenRows(size, width, ids, places, targets, segments, Optional.of(several));
  }

  /// Where their tokens stand.
  public Columns columns() {
    Columns others = segments.length > 0 ? Columns.packed(segments) : Columns.whole(width);
    return branches.map(Columns::branched).orElse(others);
  }

  /// s
  public int asked() {
    return places.length;
  }

  /// int64 [b,n]; the caller closes it.
  public Tensor ids(Engine engine) {
    return engine.of(ids, size, width);
  }

  /// int64 `[s]`; the caller closes it.
  public Tensor places(Engine engine) {
    return engine.of(places, places.length);
  }

  /// int64 `[s]`; the caller closes it.
  public Tensor targets(Engine engine) {
    return engine.of(targets, targets.length);
  }
}
