package dev.eosin.data;

import java.util.List;

/// Image files that a table lists and that were not there when it was opened.
///
/// @param count how many
/// @param first the first few, as listed
public record MissingFiles(long count, List<String> first) {
  /// Nothing is missing.
  public static final MissingFiles NONE = new MissingFiles(0, List.of());

  public MissingFiles {
    first = List.copyOf(first);
  }
}
