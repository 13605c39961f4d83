package dev.eosin.group;

/// A sum over ranks that is under way.
@FunctionalInterface
public interface PendingSum {
  /// Waits until the sum is in the tensor that it was begun with.
  ///
  /// @throws LostRankException when another rank failed
  void await();
}
