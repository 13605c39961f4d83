package dev.eosin.vllm;

/// What a question of a conversation is read with.
public enum Turns {
  /// All that was said before it.
  TOGETHER,
  /// The images alone, as if it were the first.
  APART
}
