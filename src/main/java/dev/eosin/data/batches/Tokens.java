package dev.eosin.data.batches;

/// One sequence of ids for each row of a batch: b rows, n ids.
///
/// @param ids [b, n], padded; may be longer
/// @param width n
/// @param lengths of each row's ids before padding `[b]`; may be longer
/// @param supervised which ids a loss asks for [b, n]; empty where none does by token
@SuppressWarnings("ArrayRecordComponent") // recycled buffers: identity equality is meant
public record Tokens(int[] ids, int width, int[] lengths, boolean[] supervised) {
  /// The largest of the lengths of rows `from` to `to`, at least 1: ids beyond it are padding in
  /// all of them.
  public int longest(int from, int to) {
    int longest = 1;
    for (int row = from; row < to; row++) {
      longest = Math.max(longest, lengths[row]);
    }
    return longest;
  }

  /// How many ids of rows `from` to `to` a loss asks for.
  public long supervised(int from, int to) {
    long count = 0;
    for (int i = from * width; i < Math.min(to * width, supervised.length); i++) {
      count += supervised[i] ? 1 : 0;
    }
    return count;
  }

  Tokens copy() {
    return new Tokens(ids.clone(), width, lengths.clone(), supervised.clone());
  }
}
