package dev.eosin.curate.rules;

import dev.eosin.checkpoint.Quote;
import dev.eosin.curate.steps.CurationStep.SimilarCaptions;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// What makes captions alike: their common runs of words.
public final class CaptionLikeness implements Likeness {
  private final Shingles shingles;
  private final MinHashBands bands;

  /// @param expected rows, at most
  CaptionLikeness(SimilarCaptions rules, int expected) {
    shingles = new Shingles(rules.run());
    bands = new MinHashBands(rules.atLeast().value(), expected);
  }

  MinHashBands bands() {
    return bands;
  }

  /// None for a caption without words.
  @Override
  public Optional<int[]> compared(Candidate row) {
    return Optional.of(shingles.of(row.caption())).filter(set -> set.length > 0);
  }

  @Override
  public long[] asks(int[] later) {
    return Arrays.stream(bands.slots(later)).distinct().asLongStream().toArray();
  }

  @Override
  public long[] lies(int[] earlier) {
    return asks(earlier);
  }

  @Override
  public boolean alike(int[] earlier, int[] later) {
    return share(earlier, later) >= bands.least();
  }

  private static double share(int[] earlier, int[] later) {
    return Shingles.jaccard(later, earlier, 0, earlier.length);
  }

  @Override
  public String detail(int[] earlier, int position, Candidate later) {
    return detail(share(earlier, shingles.of(later.caption())), position, later);
  }

  static String detail(double share, int position, Candidate later) {
    return String.format(
        Locale.ROOT,
        "%.0f %% alike with row %d: %s",
        100 * share,
        position,
        Quote.line(later.caption()));
  }
}
