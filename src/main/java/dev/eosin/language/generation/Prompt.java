package dev.eosin.language.generation;

import java.util.List;

/// What the search knows of a prompt; the model has been given it already.
///
/// @param id its number: what is drawn for it depends on this and not on its neighbours
/// @param seen ids that the repetition penalty and the rule against repeated n-grams look at
///   besides the new ones. transformers has here the prompt as it is in the batch, with its padding
///   ids, where the model was given ids; the start id of a decoder behind an encoder; and nothing
///   where the model was given embeddings
public record Prompt(long id, List<Integer> seen) {
  public Prompt {
    seen = List.copyOf(seen);
  }

  /// Without ids that any rule looks at.
  public static Prompt unseen(long id) {
    return new Prompt(id, List.of());
  }
}
