package dev.eosin.curate;

import dev.eosin.prepare.Row;
import java.util.Optional;

/// A row as a step sees it.
///
/// @param position among all rows, from 0, as `rejects.jsonl` has it
/// @param caption after the steps before
/// @param image where a step before opened it
/// @param group that a step before assigned
record Candidate(
    int position,
    Row row,
    String caption,
    Optional<Prepared.Image> image,
    Optional<String> group) {}
