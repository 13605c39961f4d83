package dev.eosin.tower;

/// Where a caption is pooled.
public sealed interface EndOfText {
  /// At its largest id, the first of equals: open_clip, and Hugging Face configs with
  /// `eos_token_id` 2.
  record LargestId() implements EndOfText {}

  /// At the first occurrence of one id: newer Hugging Face configs.
  record FirstOf(int id) implements EndOfText {}
}
