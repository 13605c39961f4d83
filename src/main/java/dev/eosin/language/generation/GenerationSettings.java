package dev.eosin.language.generation;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import java.util.List;

/// How text is generated, in words that transformers' `generate` has for the same.
@Doc("How text is generated.")
public record GenerationSettings(
    @Doc("Most new tokens of a sequence, its end included.") @OrElse("256") @Range(min = 1)
        int maxNewTokens,
    @Doc("A sequence cannot end by itself before it has this many new tokens.")
        @OrElse("0")
        @Range(min = 0)
        int minNewTokens,
    @Doc(
            "Scores of tokens that came before, in the prompt too, are divided by it where they are above 0, else multiplied; 1 for no difference.")
        @OrElse("1.0")
        @Range(above = 0)
        double repetitionPenalty,
    @Doc("No this many tokens in a row may come twice; 0 for no such rule.")
        @OrElse("0")
        @Range(min = 0)
        int noRepeatNgram,
    @Doc("A sequence ends as soon as its text contains one of these.") @OrElse("[]")
        List<String> stop,
    @Doc("How the next token is chosen.") @OrElse("{ type: greedy }") Search search) {
  /// @throws IllegalArgumentException for more tokens at least than at most, a penalty that is not
  ///   above 0, or a stop of no characters
  public GenerationSettings {
    stop = List.copyOf(stop);
    if (maxNewTokens < 1) {
      throw new IllegalArgumentException(
          "max-new-tokens: %d; at least one is needed".formatted(maxNewTokens));
    }
    if (!(repetitionPenalty > 0)) {
      throw new IllegalArgumentException(
          "repetition-penalty: %s; a number above 0 is expected".formatted(repetitionPenalty));
    }
    if (minNewTokens > maxNewTokens) {
      throw new IllegalArgumentException(
          "min-new-tokens: %d is more than max-new-tokens, which is %d"
              .formatted(minNewTokens, maxNewTokens));
    }
    if (stop.stream().anyMatch(String::isEmpty)) {
      throw new IllegalArgumentException(
          "stop: an empty text is contained in every sequence; leave it out");
    }
  }

  /// The likeliest token each time, without any rule.
  public static GenerationSettings greedy(int maxNewTokens) {
    return new GenerationSettings(maxNewTokens, 0, 1, 0, List.of(), new Search.Greedy());
  }

  /// The same with at most so many new tokens.
  public GenerationSettings limited(int most) {
    int tokens = Math.min(most, maxNewTokens);
    return new GenerationSettings(
        tokens, Math.min(minNewTokens, tokens), repetitionPenalty, noRepeatNgram, stop, search);
  }

  /// Whether a rule looks at the ids so far.
  boolean looksBack() {
    return repetitionPenalty != 1 || noRepeatNgram > 0;
  }
}
