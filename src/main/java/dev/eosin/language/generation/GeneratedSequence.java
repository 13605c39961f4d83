package dev.eosin.language.generation;

import java.util.List;
import java.util.OptionalDouble;

/// What came after a prompt.
///
/// @param prompt its place among the prompts
/// @param ids new ones only, up to and with the first end id
/// @param score of a beam search: log-probability divided by the number of new tokens to the power
///   of the length penalty; none of other searches
public record GeneratedSequence(
    int prompt, List<Integer> ids, EndReason reason, OptionalDouble score) {
  public GeneratedSequence {
    ids = List.copyOf(ids);
  }

  /// The ids without the end id, which is no text.
  public int[] textIds() {
    int length = reason == EndReason.END_ID ? ids.size() - 1 : ids.size();
    return ids.stream().limit(length).mapToInt(Integer::intValue).toArray();
  }
}
