package dev.eosin.data;

import java.util.List;

/// Rows of a table that should have a caption and have an empty one: clean-up leaves nothing of it.
/// Each is a bad row when its turn comes.
///
/// @param count how many
/// @param first the first few, with their places
public record EmptyCaptions(long count, List<String> first) {
  /// Every row has a caption, or none should.
  public static final EmptyCaptions NONE = new EmptyCaptions(0, List.of());

  public EmptyCaptions {
    first = List.copyOf(first);
  }
}
