package dev.eosin.language.spec;

/// The architecture of a language model: everything that its shapes and its results depend on.
public sealed interface LanguageSpec permits LlamaSpec, OptSpec, T5Spec {
  /// Entries of the token table.
  int vocabulary();

  /// c, the hidden size that tokens and states have.
  int width();

  /// The most tokens that the model was made for.
  int context();

  /// Blocks, of the decoder where there is an encoder, too.
  int layers();

  /// The same with another number of entries.
  LanguageSpec withVocabulary(int entries);
}
