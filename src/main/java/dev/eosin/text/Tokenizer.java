package dev.eosin.text;

/// Text to token ids, as a text tower was trained with.
public interface Tokenizer {
  /// The ids of one caption with start and end of text, without padding, cut to at most
  /// `contextLength` ids; a cut row keeps the end-of-text id last.
  int[] encode(String text, int contextLength);

  /// The number of ids before cutting, start and end of text included.
  int untruncatedLength(String text);

  /// What rows shorter than the context are filled with.
  int paddingId();

  int vocabularySize();
}
