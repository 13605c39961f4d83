package dev.eosin.language.generation;

import java.util.List;

/// Which ids end a sequence of a model, and which fills up rows that have ended.
///
/// @param ids each of them ends a sequence; none where only its length does
public record EndTokens(List<Integer> ids, int padding) {
  public EndTokens {
    ids = ids.stream().distinct().toList();
  }

  boolean contains(int id) {
    return ids.contains(id);
  }

  /// @throws IllegalArgumentException for an id that the vocabulary lacks
  void check(int vocabulary) {
    for (int id : ids) {
      if (id < 0 || id >= vocabulary) {
        throw new IllegalArgumentException(
            "the end id %d is not among the model's %d ids; does the tokenizer belong to the model?"
                .formatted(id, vocabulary));
      }
    }
  }
}
