package dev.eosin.group;

import dev.eosin.tensor.Tensor;
import java.util.List;

/// The ranks that make one run. Every rank calls the same methods in the same order; each returns
/// the same on all of them, bit for bit, since contributions are added in the order of ranks.
public interface Group {
  /// This process alone.
  Group ALONE = new SingleProcess();

  /// This rank, from 0. Rank 0 writes what a run writes.
  int rank();

  /// Number of ranks.
  int size();

  /// The sum over all ranks.
  ///
  /// @throws LostRankException when another rank failed
  double sum(double own);

  /// Whether any rank says so.
  ///
  /// @throws LostRankException when another rank failed
  boolean any(boolean own);

  /// The sums over all ranks, tensor by tensor, of the types of this rank's; the caller closes them
  /// and keeps its own.
  ///
  /// @param own of the same shapes on every rank
  /// @throws LostRankException when another rank failed
  List<Tensor> sum(List<Tensor> own);

  /// The rows of all ranks, rank by rank, [b,...]; the caller closes them and keeps its own.
  ///
  /// @param own rows [b of this rank,...]
  /// @throws LostRankException when another rank failed
  Tensor gather(Tensor own);

  /// Whether this rank is to write what all share.
  default boolean isFirst() {
    return rank() == 0;
  }
}
