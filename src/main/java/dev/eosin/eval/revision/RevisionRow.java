package dev.eosin.eval.revision;

import java.util.Locale;
import java.util.Optional;

/// A caption that was revised: a line of a file of revisions.
///
/// @param id names the degraded caption; its controls have the same
/// @param image that the caption is of, whatever was shown; none for text alone
/// @param operation what was done to the caption before
/// @param corrupted the caption before the revision; the target where nothing was done to it
/// @param target the good caption
/// @param answer the caption after the revision
/// @param control what was shown in place of the image
/// @param draw from 0, where another image was drawn several times
public record RevisionRow(
    String id,
    Optional<String> image,
    Operation operation,
    String corrupted,
    String target,
    String answer,
    ShownImage control,
    int draw) {
  /// What no two rows of a file have in common.
  public record Key(String id, ShownImage control, int draw) {
    @Override
    public String toString() {
      return "id '%s', control %s, draw %d".formatted(id, control.written(), draw);
    }
  }

  public Key key() {
    return new Key(id, control, draw);
  }

  /// The same caption, revised otherwise.
  public RevisionRow answered(String text) {
    return new RevisionRow(id, image, operation, corrupted, target, text, control, draw);
  }

  /// Whether something was done to the caption before.
  public boolean degraded() {
    return operation != Operation.NONE;
  }

  /// Whether the revision changed anything; spaces and case do not count.
  boolean changed() {
    return !plain(answer).equals(plain(corrupted));
  }

  /// Whether the revision is the good caption.
  boolean exact() {
    return plain(answer).equals(plain(target));
  }

  private static String plain(String text) {
    return text.strip().replaceAll("\\s+", " ").toLowerCase(Locale.ROOT);
  }
}
