package dev.eosin.language.spec;

import java.util.OptionalInt;

/// Decoders of LLaMA's kind: LLaMA, Vicuna, Llama 3, Mistral, Qwen2, SmolLM2.
///
/// @param vocabulary entries of the token table
/// @param width hidden size c
/// @param layers number of blocks
/// @param heads of queries
/// @param groups heads of keys and values, a divisor of the heads
/// @param headWidth d, even; heads x d need not be the hidden size
/// @param mlpWidth hidden size of the MLP
/// @param biased whether query, key and value have biases, as Qwen2's do
/// @param tied whether the head is the token table
/// @param window how many tokens, itself included, a token sees at most; none for all
/// @param normEpsilon of the RMS norms
/// @param rotary how positions turn queries and keys
/// @param context the most tokens that the model was made for
public record LlamaSpec(
    int vocabulary,
    int width,
    int layers,
    int heads,
    int groups,
    int headWidth,
    int mlpWidth,
    boolean biased,
    boolean tied,
    OptionalInt window,
    double normEpsilon,
    Rotary rotary,
    int context)
    implements LanguageSpec {
  /// @throws IllegalArgumentException when no model has these sizes
  public LlamaSpec {
    if (vocabulary < 1 || width < 1 || layers < 1 || mlpWidth < 1 || context < 1) {
      throw new IllegalArgumentException("every size of a decoder is at least 1");
    }
    if (heads < 1 || groups < 1 || heads % groups != 0) {
      throw new IllegalArgumentException(
          "%d heads cannot share %d heads of keys and values evenly".formatted(heads, groups));
    }
    if (headWidth < 2 || headWidth % 2 != 0) {
      throw new IllegalArgumentException("a head width of %d cannot turn".formatted(headWidth));
    }
    if (window.isPresent() && window.getAsInt() < 1) {
      throw new IllegalArgumentException(
          "a window of %d sees nothing".formatted(window.getAsInt()));
    }
  }

  @Override
  public LlamaSpec withVocabulary(int entries) {
    return new LlamaSpec(
        entries,
        width,
        layers,
        heads,
        groups,
        headWidth,
        mlpWidth,
        biased,
        tied,
        window,
        normEpsilon,
        rotary,
        context);
  }
}
