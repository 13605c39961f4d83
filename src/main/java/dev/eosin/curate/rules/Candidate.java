package dev.eosin.curate.rules;

import dev.eosin.prepare.Row;
import java.util.Optional;

/// A row as a step sees it.
///
/// @param position among all rows, from 0, as `rejects.jsonl` has it
/// @param caption after the steps before
/// @param image where a step before opened it
/// @param group that a step before assigned
public record Candidate(
    int position, Row row, String caption, Optional<Prepared.Image> image, Optional<String> group) {
  /// @param step that sees it, or the number of steps for what is written
  /// @param caption the field of the row's own
  public static Candidate of(
      int position, Row row, Prepared prepared, int step, String caption, Optional<String> group) {
    String own = row.content().path(caption).asText("");
    return new Candidate(position, row, prepared.caption(step, own), prepared.image(), group);
  }
}
