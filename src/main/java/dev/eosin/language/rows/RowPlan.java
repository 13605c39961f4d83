package dev.eosin.language.rows;

import dev.eosin.data.batches.Tokens;
import dev.eosin.data.settings.RowLayoutSettings;

/// Which rows of a batch go through a model together, and how they stand there: a function of the
/// batch alone, so that a run that resumes plans as it did.
///
/// Packed rows are not chosen to fit: a batch's rows follow one another in their order, and where
/// they are more than go through at once they are cut between two of them. No row is ever split,
/// and a step's rows are the same whether they are packed or not.
///
/// @param packed one after the other, none filled up
/// @param most rows at once, or ids where they are packed; one row goes through in any case
public record RowPlan(boolean packed, long most) {
  /// Rows that are filled up to the longest of them.
  public static RowPlan padded(int atOnce) {
    return new RowPlan(false, atOnce);
  }

  /// Rows of a recipe.
  ///
  /// @param atOnce rows of the full length that go through together; packed, as many ids as they
  ///   have
  /// @param length most ids of a row
  public static RowPlan of(RowLayoutSettings settings, int atOnce, int length) {
    return switch (settings.as()) {
      case PADDED, GROUPED -> padded(atOnce);
      case PACKED -> new RowPlan(true, (long) atOnce * length);
    };
  }

  /// Behind the last of the rows that go through with `from`.
  ///
  /// @param rows of the batch
  int end(Tokens tokens, int from, int rows) {
    if (!packed) {
      return (int) Math.min(rows, from + most);
    }
    long ids = 0;
    int to = from;
    while (to < rows && (to == from || ids + tokens.lengths()[to] <= most)) {
      ids += tokens.lengths()[to];
      to++;
    }
    return to;
  }

  /// Rows `from` to `to` as they go through.
  public TokenRows rows(Tokens tokens, int from, int to) {
    return packed ? TokenRows.packed(tokens, from, to) : TokenRows.of(tokens, from, to);
  }
}
