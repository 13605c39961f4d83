package dev.eosin.language;

import dev.eosin.text.LanguageTokenizer;

/// How questions become the ids that a model continues, or that its encoder reads.
public sealed interface PromptIds permits TextRows, FolderPrompts {
  LanguageTokenizer tokenizer();

  /// Ids that the model gives a meaning.
  SpecialIds ids();

  /// The ids of a question, to be answered.
  int[] prompt(String question);

  /// The ids of an answer without what ends it.
  int[] answer(String text);
}
