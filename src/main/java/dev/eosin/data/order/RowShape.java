package dev.eosin.data.order;

import java.util.Map;

/// The room that a row of a batch needs.
///
/// @param height of every image in pixels
/// @param width of every image in pixels
/// @param mostImages of a row; rows may have fewer
/// @param tokens by name: different parts of a model may read different sequences
public record RowShape(int height, int width, int mostImages, Map<String, Sequence> tokens) {
  /// A sequence of ids.
  ///
  /// @param length n, of the longest
  /// @param paddingId what shorter ones are filled with
  /// @param supervised whether a loss asks for some of the ids
  public record Sequence(int length, int paddingId, boolean supervised) {}

  public RowShape {
    tokens = Map.copyOf(tokens);
  }

  public int imageBytes() {
    return 3 * height * width;
  }

  /// Bytes of a row in the input ring.
  public long bytes() {
    return (long) mostImages * imageBytes()
        + tokens.values().stream().mapToLong(RowShape::bytes).sum();
  }

  private static long bytes(Sequence sequence) {
    return (long) sequence.length * (Integer.BYTES + (sequence.supervised ? 1 : 0));
  }
}
