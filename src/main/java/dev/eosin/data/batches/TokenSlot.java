package dev.eosin.data.batches;

import dev.eosin.data.order.RowShape;
import dev.eosin.data.order.TokenRow;
import java.util.Arrays;

/// The buffers of one sequence of ids of a batch in the making. Workers write different rows at the
/// same time.
final class TokenSlot {
  private final RowShape.Sequence shape;
  private final int[] ids;
  private final int[] lengths;
  private final boolean[] supervised;

  TokenSlot(RowShape.Sequence shape, int rows) {
    this.shape = shape;
    this.ids = new int[Math.multiplyExact(rows, shape.length())];
    this.lengths = new int[rows];
    this.supervised = new boolean[shape.supervised() ? ids.length : 0];
  }

  void put(int row, TokenRow tokens) {
    int start = row * shape.length();
    int[] own = tokens.ids();
    System.arraycopy(own, 0, ids, start, own.length);
    Arrays.fill(ids, start + own.length, start + shape.length(), shape.paddingId());
    lengths[row] = own.length;
    if (shape.supervised()) {
      Arrays.fill(supervised, start, start + shape.length(), false);
      tokens
          .supervised()
          .ifPresent(marks -> System.arraycopy(marks, 0, supervised, start, marks.length));
    }
  }

  void move(int from, int to) {
    int n = shape.length();
    System.arraycopy(ids, from * n, ids, to * n, n);
    lengths[to] = lengths[from];
    if (shape.supervised()) {
      System.arraycopy(supervised, from * n, supervised, to * n, n);
    }
  }

  Tokens tokens() {
    return new Tokens(ids, shape.length(), lengths, supervised);
  }
}
