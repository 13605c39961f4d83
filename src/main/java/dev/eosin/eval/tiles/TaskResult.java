package dev.eosin.eval.tiles;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.eval.probes.Figures;
import dev.eosin.eval.probes.Resamples;
import java.util.List;

/// What a task found.
///
/// @param title of the task, with what of it this is
/// @param figures of the tiles that judge
/// @param resamples of these tiles, by group
/// @param details all that decided the figures, and what they are made of
/// @param notes what a reader has to know, one line each
public record TaskResult(
    String title, Figures figures, Resamples resamples, ObjectNode details, List<String> notes) {
  public TaskResult {
    notes = List.copyOf(notes);
  }
}
