package dev.eosin.eval.revision;

import dev.eosin.eval.Interval;
import java.util.Optional;

/// A figure of some revised captions.
///
/// @param of whose revisions: a control as files write it, `copy-input` or `always-edit`
/// @param operation what was done to the captions before; `all` for all of them
/// @param metric its name
/// @param value not a number where nothing can be said
/// @param interval 95 %, over images; none for a single image or where it was not asked for
/// @param rows that were judged
/// @param images that they are of
public record RevisionScore(
    String of,
    String operation,
    String metric,
    double value,
    Optional<Interval> interval,
    int rows,
    int images) {
  /// All captions, whatever was done to them.
  public static final String ALL = "all";
}
