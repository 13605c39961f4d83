package dev.eosin.curate;

import dev.eosin.checkpoint.Quote;
import dev.eosin.curate.CurationStep.SimilarCaptions;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// Captions that are like an earlier one.
final class SimilarCaptionsRule implements CollectionRule {
  private final Shingles shingles;
  private final MinHashIndex index;

  /// Rows that the index knows, by its numbers.
  private int[] positions = new int[1024];

  private int count;

  /// @param expected rows, at most
  SimilarCaptionsRule(SimilarCaptions rules, int expected) {
    shingles = new Shingles(rules.run());
    index = new MinHashIndex(rules.atLeast().value(), expected);
  }

  @Override
  public Optional<String> judge(Candidate row) {
    int[] set = shingles.of(row.caption());
    int found = index.findOrAdd(set);
    if (found != MinHashIndex.NONE) {
      return Optional.of(
          String.format(
              Locale.ROOT,
              "%.0f %% alike with row %d: %s",
              100 * index.similarity(set, found),
              positions[found],
              Quote.line(row.caption())));
    }
    if (set.length > 0) {
      if (count == positions.length) {
        positions = Arrays.copyOf(positions, 2 * count);
      }
      positions[count++] = row.position();
    }
    return Optional.empty();
  }
}
