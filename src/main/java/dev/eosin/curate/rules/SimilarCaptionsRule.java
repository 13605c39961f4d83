package dev.eosin.curate.rules;

import java.util.Arrays;
import java.util.Optional;

/// Captions that are like an earlier one.
public final class SimilarCaptionsRule implements CollectionRule {
  private final CaptionLikeness likeness;
  private final MinHashIndex index;

  /// Rows that the index knows, by its numbers.
  private int[] positions = new int[1024];

  private int count;

  SimilarCaptionsRule(CaptionLikeness likeness) {
    this.likeness = likeness;
    index = new MinHashIndex(likeness.bands());
  }

  @Override
  public Optional<String> judge(Candidate row) {
    Optional<int[]> compared = likeness.compared(row);
    if (compared.isEmpty()) {
      return Optional.empty();
    }
    int[] set = compared.get();
    int found = index.findOrAdd(set);
    if (found != MinHashIndex.NONE) {
      return Optional.of(
          CaptionLikeness.detail(index.similarity(set, found), positions[found], row));
    }
    if (count == positions.length) {
      positions = Arrays.copyOf(positions, 2 * count);
    }
    positions[count++] = row.position();
    return Optional.empty();
  }
}
