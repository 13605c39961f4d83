package dev.eosin.language.generation;

import dev.eosin.random.RandomKey;
import dev.eosin.tensor.Tensor;
import java.util.List;

/// Continues prompts until they end: greedily, by beams or by chance. Rows end independently of
/// each other, and no row's result depends on its neighbours, as far as the model's scores do not.
///
/// @param settings what is wanted
/// @param ends of the model
/// @param decoder what ids say; needed for stop strings only
public record Generator(GenerationSettings settings, EndTokens ends, StopStrings.Decoder decoder) {
  /// An id comes back as an fp32 number.
  private static final int LARGEST_VOCABULARY = 1 << 24;

  private static final int PART_THAT_PAYS = 4;

  /// For settings without stop strings.
  public Generator(GenerationSettings settings, EndTokens ends) {
    this(settings, ends, StopStrings.Decoder.NONE);
  }

  /// @throws IllegalArgumentException for stop strings without a decoder
  public Generator {
    if (!settings.stop().isEmpty() && decoder == StopStrings.Decoder.NONE) {
      throw new IllegalArgumentException(
          "stop: %s cannot be found without a decoder of the model's ids"
              .formatted(settings.stop()));
    }
  }

  /// Continues every prompt.
  ///
  /// @param sequences a row for each prompt, its tokens computed; used up, and the caller's to
  ///   close
  /// @param prompts in the order of the rows
  /// @return prompt by prompt, for each as many sequences as the settings want, in their order
  /// @throws IllegalArgumentException when prompts or end ids do not fit the sequences
  /// @throws IllegalStateException when a row has no token that may follow, or scores that are no
  ///   numbers, naming the row
  public List<GeneratedSequence> generate(
      GrowingSequences sequences, List<Prompt> prompts, TokenListener listener) {
    if (prompts.isEmpty() || sequences.rows() != prompts.size()) {
      throw new IllegalArgumentException(
          "%d prompts, but the model holds %d rows".formatted(prompts.size(), sequences.rows()));
    }
    if (sequences.vocabulary() > LARGEST_VOCABULARY) {
      throw new IllegalArgumentException(
          "%d ids in the vocabulary; at most %d are possible"
              .formatted(sequences.vocabulary(), LARGEST_VOCABULARY));
    }
    ends.check(sequences.vocabulary());
    Tensor scores = sequences.scores();
    try (var rules = new ScoreRules(scores.engine(), settings, ends)) {
      return switch (settings.search()) {
        case Search.Greedy() ->
            new StepwiseSearch(this, sequences, prompts, 1, listener)
                .run(scores, (x, rows, step) -> rules.greedy(x, SampledRow.histories(rows), step));
        case Search.Sampling sampling -> {
          var key = new RandomKey(sampling.seed());
          yield new StepwiseSearch(this, sequences, prompts, sampling.sequences(), listener)
              .run(
                  scores,
                  (x, rows, step) -> {
                    long[] drawn = rows.stream().mapToLong(row -> row.draw(key, step)).toArray();
                    return rules.sampled(x, SampledRow.histories(rows), step, drawn, sampling);
                  });
        }
        case Search.Beams beams ->
            new BeamSearch(this, beams, sequences, prompts, listener).run(scores, rules);
      };
    }
  }

  /// As above, without a listener.
  public List<GeneratedSequence> generate(GrowingSequences sequences, List<Prompt> prompts) {
    return generate(sequences, prompts, TokenListener.NONE);
  }

  StopStrings stops() {
    return new StopStrings(settings.stop());
  }

  /// A smaller batch costs a copy of what the model keeps of the rows: copies of ever smaller
  /// batches come to four of the first at most.
  static boolean shrinkingPays(int ended, int present) {
    return ended * PART_THAT_PAYS >= present;
  }
}
