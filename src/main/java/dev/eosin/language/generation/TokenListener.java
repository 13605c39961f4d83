package dev.eosin.language.generation;

/// Told of new ids as soon as they are certain: of a greedy or sampled sequence at once, of a beam
/// search when the prompt's search has ended.
@FunctionalInterface
public interface TokenListener {
  /// Listens to nothing.
  TokenListener NONE = (prompt, sequence, id) -> {};

  /// Told of one id; what it throws ends the generation of the whole batch.
  ///
  /// @param prompt its place among the prompts
  /// @param sequence which of the prompt's sequences
  /// @param id end ids too
  void added(int prompt, int sequence, int id);
}
