package dev.eosin.data.batches;

/// The rows of every global batch that one rank works on: neighbours, as many as any other's or one
/// fewer or more.
///
/// @param all rows of the global batch
/// @param rank from 0
/// @param ranks how many
public record BatchShare(int all, int rank, int ranks) {
  /// @throws IllegalArgumentException when a rank would have no row
  public BatchShare {
    if (ranks < 1 || rank < 0 || rank >= ranks || all < ranks) {
      throw new IllegalArgumentException(
          "a batch of %d rows has no share for rank %d of %d".formatted(all, rank, ranks));
    }
  }

  /// The first row of this rank.
  public int first() {
    return from(rank);
  }

  /// Rows of this rank.
  public int size() {
    return from(rank + 1) - from(rank);
  }

  private int from(int of) {
    return Math.toIntExact((long) all * of / ranks);
  }
}
