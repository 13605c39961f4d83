package dev.eosin.curate.rules;

import dev.eosin.curate.steps.CurationStep.SimilarCaptions;
import java.util.ArrayList;
import java.util.List;

/// What MinHash finds of the captions that are like an earlier one, beside a comparison of all with
/// all. Both keep the first of what is alike.
///
/// @param rows compared
/// @param duplicates that the comparison of all with all leaves out
/// @param missed of them, which MinHash keeps
/// @param others that MinHash leaves out instead, because what it missed before is kept
public record DuplicateCheck(int rows, int duplicates, int missed, int others) {
  /// Compares all with all: half the square of the rows.
  public static DuplicateCheck of(List<String> captions, SimilarCaptions rules) {
    Shingles shingles = new Shingles(rules.run());
    double least = rules.atLeast().value();
    MinHashIndex index = new MinHashIndex(new MinHashBands(least, captions.size()));
    List<int[]> kept = new ArrayList<>();
    int duplicates = 0;
    int missed = 0;
    int others = 0;
    for (String caption : captions) {
      int[] set = shingles.of(caption);
      boolean found = index.findOrAdd(set) != MinHashIndex.NONE;
      boolean alike = kept.stream().anyMatch(other -> isAlike(set, other, least));
      if (!alike) {
        kept.add(set);
      }
      duplicates += alike ? 1 : 0;
      missed += alike && !found ? 1 : 0;
      others += found && !alike ? 1 : 0;
    }
    return new DuplicateCheck(captions.size(), duplicates, missed, others);
  }

  private static boolean isAlike(int[] a, int[] b, double least) {
    // The larger set has what is in neither both.
    boolean possible =
        a.length > 0 && Math.min(a.length, b.length) >= least * Math.max(a.length, b.length);
    return possible && Shingles.jaccard(a, b, 0, b.length) >= least;
  }
}
