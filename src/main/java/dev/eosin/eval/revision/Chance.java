package dev.eosin.eval.revision;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/// What revisions would restore if the caption's own image had told nothing: how often what stands
/// at a place is what another caption should have there that had the same words before.
///
/// Where the image that was shown is independent of the caption's own, so that captions with the
/// same words before are exchangeable, the share of what is restored has this expectation.
final class Chance {
  private record Words(Operation operation, List<List<String>> words) {}

  private final Map<Words, Map<List<List<String>>, Integer>> wanted = new HashMap<>();
  private final Map<Words, Integer> sizes = new HashMap<>();

  /// @param degraded one row of each degraded caption, whatever was shown
  Chance(List<RevisionRow> degraded) {
    for (RevisionRow row : degraded) {
      Judgement judgement = Judgement.of(row);
      var words = new Words(row.operation(), judgement.before());
      sizes.merge(words, 1, Integer::sum);
      wanted
          .computeIfAbsent(words, unknown -> new HashMap<>())
          .merge(judgement.wanted(), 1, Integer::sum);
    }
  }

  /// @return empty where no other caption had the same words
  OptionalDouble of(RevisionRow row, Judgement judgement) {
    var words = new Words(row.operation(), judgement.before());
    int others = sizes.getOrDefault(words, 0) - 1;
    if (others < 1) {
      return OptionalDouble.empty();
    }
    int alike = wanted.getOrDefault(words, Map.of()).getOrDefault(judgement.found(), 0);
    int own = judgement.found().equals(judgement.wanted()) ? 1 : 0;
    return OptionalDouble.of((double) (alike - own) / others);
  }
}
