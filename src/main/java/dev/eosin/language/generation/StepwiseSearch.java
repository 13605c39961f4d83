package dev.eosin.language.generation;

import dev.eosin.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// A search in which every row has one token a step, whatever comes later.
final class StepwiseSearch {
  /// Chooses a token for each row.
  @FunctionalInterface
  interface Choice {
    /// A number for each row, finite where the choice was possible; then an id for each row.
    float[] of(Tensor scores, List<SampledRow> rows, int step);
  }

  private final Generator generator;
  private final GrowingSequences sequences;
  private final TokenListener listener;
  private final int copies;
  private final List<SampledRow> rows = new ArrayList<>();

  StepwiseSearch(
      Generator generator,
      GrowingSequences sequences,
      List<Prompt> prompts,
      int copies,
      TokenListener listener) {
    this.generator = generator;
    this.sequences = sequences;
    this.listener = listener;
    this.copies = copies;
    for (int place = 0; place < prompts.size(); place++) {
      for (int copy = 0; copy < copies; copy++) {
        rows.add(new SampledRow(place, prompts.get(place), copy));
      }
    }
  }

  List<GeneratedSequence> run(Tensor first, Choice choice) {
    List<SampledRow> present = rows;
    int[] tokens = firstTokens(first, choice);
    if (copies > 1) {
      sequences.spread(copies);
    }
    for (int step = 0; ; ) {
      for (int row = 0; row < tokens.length; row++) {
        if (present.get(row).goesOn()) {
          present.get(row).add(tokens[row], generator, step + 1, listener);
        } else {
          tokens[row] = generator.ends().padding();
        }
      }
      List<SampledRow> kept = kept(present);
      if (kept.isEmpty()) {
        return rows.stream().map(SampledRow::result).toList();
      }
      sequences.append(tokensOf(kept, present, tokens));
      present = kept;
      step++;
      tokens = tokens(choice.of(sequences.scores(), present, step), present, step);
    }
  }

  /// All copies of a prompt have the same scores before their first token: a row of scores is
  /// chosen from as often as there are copies.
  private int[] firstTokens(Tensor scores, Choice choice) {
    int[] tokens = new int[rows.size()];
    for (int copy = 0; copy < copies; copy++) {
      List<SampledRow> each = new ArrayList<>();
      for (int row = copy; row < rows.size(); row += copies) {
        each.add(rows.get(row));
      }
      int[] chosen = tokens(choice.of(scores, each, 0), each, 0);
      for (int place = 0; place < chosen.length; place++) {
        tokens[place * copies + copy] = chosen[place];
      }
    }
    return tokens;
  }

  /// The rows that stay: those that have not ended, and with them those that have where leaving
  /// them out does not pay. None where all have ended.
  private List<SampledRow> kept(List<SampledRow> present) {
    int[] going =
        IntStream.range(0, present.size()).filter(row -> present.get(row).goesOn()).toArray();
    if (going.length == 0) {
      return List.of();
    }
    if (going.length == present.size()
        || !Generator.shrinkingPays(present.size() - going.length, present.size())) {
      return present;
    }
    sequences.keep(going);
    return IntStream.of(going).mapToObj(present::get).toList();
  }

  private static int[] tokensOf(List<SampledRow> kept, List<SampledRow> present, int[] tokens) {
    return kept.size() == present.size()
        ? tokens
        : IntStream.range(0, tokens.length)
            .filter(row -> present.get(row).goesOn())
            .map(row -> tokens[row])
            .toArray();
  }

  private static int[] tokens(float[] chosen, List<SampledRow> rows, int step) {
    int[] tokens = new int[rows.size()];
    for (int row = 0; row < tokens.length; row++) {
      if (!Float.isFinite(chosen[row]) && rows.get(row).goesOn()) {
        throw new IllegalStateException(
            "prompt %d has no token that may follow its %d new ones: the rules leave none, or the model's scores are not numbers"
                .formatted(rows.get(row).place(), step));
      }
      tokens[row] = (int) chosen[tokens.length + row];
    }
    return tokens;
  }
}
