package dev.eosin.language.generation;

import dev.eosin.random.RandomKey;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/// A row that grows by one token a step, greedily or by chance.
///
/// @param place of its prompt
/// @param sequence which of the prompt's sequences
final class SampledRow {
  private final int place;
  private final long id;
  private final int sequence;
  private final IdHistory ids;
  private Optional<EndReason> ended = Optional.empty();

  SampledRow(int place, Prompt prompt, int sequence) {
    this.place = place;
    this.id = prompt.id();
    this.sequence = sequence;
    this.ids = IdHistory.of(prompt);
  }

  static List<IdHistory> histories(List<SampledRow> rows) {
    return rows.stream().map(row -> row.ids).toList();
  }

  /// 53 random bits for a step.
  long draw(RandomKey key, int step) {
    return key.stream(RandomKey.Purpose.TOKEN_SAMPLING, id, ((long) sequence << 32) | step)
            .nextLong()
        >>> 11;
  }

  void add(int token, Generator generator, int newTokens, TokenListener listener) {
    ids.add(token);
    listener.added(place, sequence, token);
    ended = EndOfRow.reason(generator, ids, token, newTokens);
  }

  boolean goesOn() {
    return ended.isEmpty();
  }

  int place() {
    return place;
  }

  GeneratedSequence result() {
    return new GeneratedSequence(
        place, ids.newIdList(), ended.orElseThrow(), OptionalDouble.empty());
  }
}
