package dev.eosin.language;

import dev.eosin.data.Tokens;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Tensor;

/// Some rows of a batch as a decoder takes them: b rows cut after the longest of them, n ids; and
/// the s tokens whose successors are asked for.
///
/// @param size b
/// @param width n
/// @param ids [b n]
/// @param places of the tokens [s], among all b n
/// @param targets what follows them [s]
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
public record TokenRows(int size, int width, long[] ids, long[] places, long[] targets) {
  /// Rows `from` to `to`. The first token of a row follows nothing, so that nothing asks for it.
  public static TokenRows of(Tokens tokens, int from, int to) {
    int width = tokens.longest(from, to);
    long[] ids = new long[(to - from) * width];
    int asked = 0;
    for (int row = from; row < to; row++) {
      for (int i = 0; i < width; i++) {
        int at = row * tokens.width() + i;
        ids[(row - from) * width + i] = tokens.ids()[at];
        asked += i > 0 && asks(tokens, row, i) ? 1 : 0;
      }
    }
    long[] places = new long[asked];
    long[] targets = new long[asked];
    int next = 0;
    for (int row = from; row < to; row++) {
      for (int i = 1; i < width; i++) {
        if (asks(tokens, row, i)) {
          int at = (row - from) * width + i;
          places[next] = at - 1L;
          targets[next] = ids[at];
          next++;
        }
      }
    }
    return new TokenRows(to - from, width, ids, places, targets);
  }

  private static boolean asks(Tokens tokens, int row, int column) {
    return column < tokens.lengths()[row] && tokens.supervised()[row * tokens.width() + column];
  }

  /// s
  public int asked() {
    return places.length;
  }

  /// int64 [b,n]; the caller closes it.
  public Tensor ids(Engine engine) {
    return engine.of(ids, size, width);
  }

  /// int64 [s]; the caller closes it.
  public Tensor places(Engine engine) {
    return engine.of(places, places.length);
  }

  /// int64 [s]; the caller closes it.
  public Tensor targets(Engine engine) {
    return engine.of(targets, targets.length);
  }
}
