package dev.eosin.serve;

import java.util.Optional;

/// What a server has to offer; what is empty it does not offer.
///
/// @param tiles searched with the embeddings of `clip`
/// @param started seconds since 1970, of the models' entries
public record Served(
    Optional<ServedClip> clip,
    Optional<ServedAnswers> answers,
    Optional<ServedTiles> tiles,
    long started) {
  /// @throws IllegalArgumentException for an index without a model, or nothing at all
  public Served {
    if (clip.isEmpty() && answers.isEmpty()) {
      throw new IllegalArgumentException("there is no model to be served");
    }
    if (tiles.isPresent() && clip.isEmpty()) {
      throw new IllegalArgumentException("an index needs the model of its embeddings");
    }
  }
}
