package dev.eosin.data;

import java.util.List;

/// Rows of a table that hold no whole question with its answer, or no whole conversation. Each is a
/// bad row when its turn comes.
///
/// @param count how many
/// @param first the first few, with their places and what is wrong with them
public record FlawedRows(long count, List<String> first) {
  /// Every row is whole.
  public static final FlawedRows NONE = new FlawedRows(0, List.of());

  public FlawedRows {
    first = List.copyOf(first);
  }
}
