package dev.eosin.config;

import java.nio.file.Path;

/// Where a value or a problem comes from.
public sealed interface Place {
  /// A line of a recipe or of a recipe it extends.
  ///
  /// @param line from 1
  record Line(Path file, int line) implements Place {}

  /// A file as a whole: it is missing, too large or not text.
  record Whole(Path file) implements Place {}

  /// A `key=value` given on the command line.
  record CommandLine() implements Place {}

  /// The [OrElse] of a setting record.
  record Default() implements Place {}

  /// How problems of `document` name this place: `line 16`, `base.yaml line 3`, `override`.
  default String text(Path document) {
    return switch (this) {
      case Line(Path file, int line) ->
          file.equals(document) ? "line " + line : file + " line " + line;
      case Whole(Path file) -> file.equals(document) ? "file" : file.toString();
      case CommandLine() -> "override";
      case Default() -> "default";
    };
  }
}
