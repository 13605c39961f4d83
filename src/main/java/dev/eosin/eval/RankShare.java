package dev.eosin.eval;

import dev.eosin.group.Group;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Tensor;
import java.util.List;

/// How the ranks of a run share an evaluation: each computes whole batches, by turns, so that a
/// batch is the same one as in a process alone; what they found is brought together at its place.
/// Every rank calls the same methods in the same order.
///
/// @param engine of this rank
public record RankShare(Group group, Engine engine) {
  /// A process alone, which shares nothing.
  public static RankShare alone(Engine engine) {
    return new RankShare(Group.ALONE, engine);
  }

  public boolean isAlone() {
    return group.size() == 1;
  }

  /// Whether this rank computes a batch.
  ///
  /// @param batch its number, from 0
  public boolean has(long batch) {
    return batch % group.size() == group.rank();
  }

  /// Whether any rank says so.
  public boolean any(boolean own) {
    return group.any(own);
  }

  /// The sum over all ranks.
  public double sum(double own) {
    return group.sum(own);
  }

  /// What all ranks have, each at its places.
  ///
  /// @param own `[n]`, zero at the places of others; n is the same on every rank
  /// @return `[n]`
  public float[] together(float[] own) {
    if (isAlone() || own.length == 0) {
      return own;
    }
    try (Tensor mine = engine.of(own, own.length)) {
      List<Tensor> sums = group.sum(List.of(mine));
      try {
        return sums.getFirst().toFloats();
      } finally {
        sums.forEach(Tensor::close);
      }
    }
  }

  /// A number that some ranks know, and those that do agree on.
  ///
  /// @param own 0 where this rank does not know it
  /// @return 0 where no rank does
  public int known(int own) {
    double ranks = sum(own == 0 ? 0 : 1);
    double sum = sum(own);
    return ranks == 0 ? 0 : (int) Math.round(sum / ranks);
  }
}
