package dev.eosin.data.settings;

import dev.eosin.config.Doc;
import dev.eosin.config.Share;

/// What to do about images that cannot be read.
@Doc(
    "Samples whose image cannot be read, or whose caption is empty or not UTF-8, are replaced by"
        + " others of the same part in training and left out of evaluations, counted, and listed in"
        + " bad-rows.jsonl. A caption is empty when no ids are left between start and end of text"
        + " after clean-up.")
public record BadRowSettings(
    @Doc(
            "The run stops when more than this share of the samples of a side, train or validation,"
                + " are bad, each counted once however often it comes; 0 % stops at the first. What"
                + " is known when a table is opened stops it before it starts.")
        Share limit) {
  // A share of very few samples says little: two of the first hundred are no two percent.
  private static final long JUDGED_SAMPLES = 1_000;

  /// Whether a run stops.
  ///
  /// @param bad different samples that are bad
  /// @param seen different samples so far
  /// @param size of the side
  public boolean exceeded(long bad, long seen, long size) {
    return bad > limit.value() * Math.max(seen, Math.min(JUDGED_SAMPLES, size));
  }
}
