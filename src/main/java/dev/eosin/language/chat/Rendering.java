package dev.eosin.language.chat;

import java.util.List;

/// A conversation in a template's words, without begin of text.
///
/// @param text all of it
/// @param supervised what an assistant says, with what ends it; in order, apart from each other
public record Rendering(String text, List<Span> supervised) {
  /// A part of a text in Java's UTF-16 units: `from` included, `to` excluded.
  public record Span(int from, int to) {
    /// Whether they have a unit in common.
    public boolean overlaps(int start, int end) {
      return start < to && end > from;
    }
  }

  public Rendering {
    supervised = List.copyOf(supervised);
  }
}
