package dev.eosin.revise;

/// A piece of a text that was changed.
///
/// @param text at least one character
public record MarkedPiece(Mark mark, String text) {
  /// What became of it.
  public enum Mark {
    PLAIN,
    OUT,
    IN
  }
}
