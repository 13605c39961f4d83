package dev.eosin.group;

import dev.eosin.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.List;

/// The ranks that make one run. Every rank calls the same methods in the same order; each returns
/// the same on all of them, bit for bit.
public interface Group {
  /// This process alone.
  Group ALONE = new SingleProcess();

  /// This rank, from 0. Rank 0 writes what a run writes.
  int rank();

  /// Number of ranks.
  int size();

  /// Which of the ranks on this machine it is, from 0: the number of its device.
  default int localRank() {
    return 0;
  }

  /// Ranks that share this machine.
  default int localSize() {
    return 1;
  }

  /// Ranks that share the cores that this process may use, this one included.
  default int sharingCores() {
    return 1;
  }

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

  /// Begins to write the sum over all ranks into an fp32 tensor that nobody touches until it is
  /// awaited. Sums are made in the order in which they were begun, while this thread goes on; until
  /// the last one is awaited nothing else of the group may be called.
  ///
  /// @throws LostRankException when another rank failed
  PendingSum beginSum(Tensor own);

  /// As [#beginSum(Tensor)], for one rank alone: what the tensors of the others hold afterwards is
  /// undefined.
  ///
  /// @param to the rank that gets the sum
  /// @throws LostRankException when another rank failed
  PendingSum beginSum(Tensor own, int to);

  /// The rows of all ranks, rank by rank, [b,...]; the caller closes them and keeps its own.
  ///
  /// @param own rows [b of this rank,...]; their number may differ from rank to rank
  /// @throws LostRankException when another rank failed
  Tensor gather(Tensor own);

  /// Writes what one rank has into the tensors of all others, which are contiguous and of the same
  /// shapes and types.
  ///
  /// @param from the rank that has it
  /// @throws LostRankException when another rank failed
  void broadcast(List<Tensor> tensors, int from);

  /// As above, what rank 0 has.
  default void broadcast(List<Tensor> tensors) {
    broadcast(tensors, 0);
  }

  /// What every rank brings, in the order of ranks; of any length.
  ///
  /// @throws LostRankException when another rank failed
  List<byte[]> exchange(byte[] own);

  /// Waits until every rank is here.
  ///
  /// @param work that the others wait for, which decides how long they do
  /// @throws LostRankException when another rank failed
  default void meet(Work work) {
    any(false);
  }

  /// The sum over the ranks before this one: where its rows stand among those of all.
  default long before(long own) {
    List<byte[]> all = exchange(ByteBuffer.allocate(Long.BYTES).putLong(own).array());
    return all.stream().limit(rank()).mapToLong(bytes -> ByteBuffer.wrap(bytes).getLong()).sum();
  }

  /// How many calls for all ranks this one has made, which is the same on all of them.
  long calls();

  /// Bytes that this rank has brought to the others so far.
  default long bytesMoved() {
    return 0;
  }

  /// Told after the first step of a run: from here on what ranks call is taken to fit.
  default void settled() {}

  /// Whether this rank is to write what all share.
  default boolean isFirst() {
    return rank() == 0;
  }

  /// What ranks may wait for each other with, which takes unlike long.
  enum Work {
    /// Opening data and weights.
    START_UP,
    /// Steps and evaluations.
    TRAINING,
    /// What the first rank writes while the others wait.
    CHECKPOINT
  }
}
