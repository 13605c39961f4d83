package dev.eosin.eval.vqa;

import dev.eosin.eval.answers.Control;

/// How many rows or questions have something that a reader of the scores has to know.
///
/// @param what such as `answers that are empty`
/// @param count at least 1
/// @param of how many
public record Count(String what, Control control, long count, long of) {
  /// For a person.
  String text() {
    return "%s: %d of %d %s".formatted(control.written(), count, of, what);
  }
}
