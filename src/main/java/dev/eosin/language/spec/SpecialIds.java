package dev.eosin.language.spec;

import java.util.List;
import java.util.OptionalInt;

/// Ids with a meaning of their own, as a model's files say.
///
/// @param begin that a text begins with; none where texts begin at once
/// @param ends that end an answer
/// @param padding that fills up rows; none where the files name none
public record SpecialIds(OptionalInt begin, List<Integer> ends, OptionalInt padding) {
  public SpecialIds {
    ends = List.copyOf(ends);
  }

  /// What fills up rows: no result depends on it.
  public int filler() {
    return padding.orElse(ends.isEmpty() ? 0 : ends.getFirst());
  }
}
