package dev.eosin.language.generation;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;

/// How the next token is chosen.
@Doc("How the next token is chosen.")
public sealed interface Search {
  /// Sequences given for each prompt.
  default int sequences() {
    return 1;
  }

  /// `type: greedy`
  @Doc("Always the likeliest token.")
  record Greedy() implements Search {}

  /// `type: beams`
  ///
  /// @param sequences of each prompt, the best first
  @Doc("The likeliest sequences, by beam search.")
  record Beams(
      @Doc("Beams that run side by side.") @OrElse("5") @Range(min = 1, max = 1_000) int beams,
      @Doc(
              "Sequences are ranked by their log-probability divided by their number of new tokens to this power: above 0 favours long ones, below 0 short ones.")
          @OrElse("1.0")
          double lengthPenalty,
      @Doc("When a search ends that has as many finished sequences as beams.") @OrElse("likely")
          EarlyStopping earlyStopping,
      @Doc("Sequences given for each prompt, the best first.") @OrElse("1") @Range(min = 1)
          int sequences)
      implements Search {
    /// @throws IllegalArgumentException for more sequences than beams
    public Beams {
      if (sequences > beams) {
        throw new IllegalArgumentException(
            "sequences: %d are wanted of %d beams; ask for at most as many as there are beams"
                .formatted(sequences, beams));
      }
      if (!Double.isFinite(lengthPenalty)) {
        throw new IllegalArgumentException("length-penalty: a finite number is expected");
      }
    }
  }

  /// `type: sampling`
  ///
  /// @param sequences of each prompt, in the order of their draws
  @Doc("Tokens drawn by their probabilities.")
  record Sampling(
      @Doc("Scores are divided by it first: below 1 favours what is likely.")
          @OrElse("1.0")
          @Range(above = 0)
          double temperature,
      @Doc("Only this many likeliest tokens are drawn from; 0 for all.")
          @OrElse("0")
          @Range(min = 0)
          int topK,
      @Doc("Only the likeliest tokens whose probabilities reach this sum; 1 for all.")
          @OrElse("1.0")
          @Range(above = 0, max = 1)
          double topP,
      @Doc("Sequences drawn for each prompt.") @OrElse("1") @Range(min = 1, max = 10_000)
          int sequences,
      @Doc(
              "Draws depend on it, on the prompt's number and on the place of the token, and on nothing else.")
          @OrElse("0")
          long seed)
      implements Search {
    /// @throws IllegalArgumentException for a temperature or a sum that leaves nothing to draw from
    public Sampling {
      if (!(temperature > 0)) {
        throw new IllegalArgumentException(
            "temperature: %s; a number above 0 is expected, type: greedy is what 0 would be"
                .formatted(temperature));
      }
      if (!(topP > 0 && topP <= 1)) {
        throw new IllegalArgumentException(
            "top-p: %s; a number above 0 and at most 1 is expected".formatted(topP));
      }
    }
  }

  /// When a beam search of a prompt ends that has as many finished sequences as beams.
  enum EarlyStopping {
    /// When no running beam would be better than the worst of them if it ended here: transformers'
    /// `false`, and its default.
    LIKELY,
    /// At once: transformers' `true`.
    FULL,
    /// When no running beam can become better than the worst of them: transformers' `"never"`.
    NEVER
  }
}
