package dev.eosin.language.generation;

import java.util.List;

/// How likely a model finds one given answer behind a question.
///
/// @param sum natural logarithm of the answer's probability: the sum over its tokens
/// @param tokens of the answer
/// @param characters of the answer's text (code points), without the space that joins it to the
///   question
public record OptionLikelihood(double sum, int tokens, int characters) {
  /// What a likelihood is divided by, so that answers of different lengths can be compared.
  public enum Normalisation {
    /// Nothing: the answer that the model finds likelier as a whole (lm-evaluation-harness' `acc`).
    /// The default, and the fair one for answers as short as "yes" and "no".
    NONE,
    /// Tokens of the answer.
    TOKENS,
    /// Characters of the answer, whatever the tokenizer (lm-evaluation-harness' `acc_norm`).
    CHARACTERS
  }

  /// @throws IllegalArgumentException for an answer of no tokens or no characters, or a likelihood
  ///   that is not a number
  public OptionLikelihood {
    if (tokens < 1 || characters < 1) {
      throw new IllegalArgumentException(
          "an option of %d tokens and %d characters; leave out what is empty"
              .formatted(tokens, characters));
    }
    if (Double.isNaN(sum)) {
      throw new IllegalArgumentException("the likelihood of an option is not a number");
    }
  }

  /// From the log-probabilities of an answer's own tokens, each behind those before it.
  ///
  /// @param option its text
  public static OptionLikelihood of(float[] logProbabilities, String option) {
    double sum = 0;
    for (float each : logProbabilities) {
      sum += each;
    }
    String text = option.strip();
    return new OptionLikelihood(
        sum, logProbabilities.length, text.codePointCount(0, text.length()));
  }

  /// The value that options are compared by.
  public double by(Normalisation normalisation) {
    return switch (normalisation) {
      case NONE -> sum;
      case TOKENS -> sum / tokens;
      case CHARACTERS -> sum / characters;
    };
  }

  /// The place of the likeliest option; the first of equal ones.
  ///
  /// @throws IllegalArgumentException where there is no option
  public static int best(List<OptionLikelihood> options, Normalisation normalisation) {
    if (options.isEmpty()) {
      throw new IllegalArgumentException("no option to choose from");
    }
    int best = 0;
    for (int i = 1; i < options.size(); i++) {
      if (options.get(i).by(normalisation) > options.get(best).by(normalisation)) {
        best = i;
      }
    }
    return best;
  }
}
