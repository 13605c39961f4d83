package dev.eosin.tower;

/// A text tower: which kind, and its sizes.
public sealed interface TextSpec permits Causal, BertText {
  /// Longest caption in tokens.
  int context();

  /// Number of token ids.
  int vocabulary();

  /// Width c of the tokens.
  int hiddenSize();

  /// Number of blocks.
  int layers();

  /// Floating-point operations of one caption of so many tokens, forward only.
  double flops(int captionTokens, int embedSize);

  /// The same tower for another longest caption.
  TextSpec withContext(int context);
}
