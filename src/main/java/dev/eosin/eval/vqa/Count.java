package dev.eosin.eval.vqa;

import dev.eosin.eval.answers.Control;

/// How many rows or questions have something that a reader of the scores has to know.
///
/// @param text what they have, such as `answers are empty, and count as wrong`
/// @param count at least 1
/// @param of how many
public record Count(About about, String text, Control control, long count, long of) {
  /// What is counted.
  public enum About {
    LACKING,
    EMPTY,
    UNREAD,
    ROTATIONS
  }

  /// For a person.
  String line() {
    return "%s: %d of %d %s".formatted(control.written(), count, of, text);
  }
}
