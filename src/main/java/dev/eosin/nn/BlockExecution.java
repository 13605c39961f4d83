package dev.eosin.nn;

import dev.eosin.tensor.Kernel;

/// How blocks are computed; none of it changes a result beyond rounding.
///
/// @param pooledLastBlock the last block only for the token that is pooled (about 6 % of a tower's
///   work and a quarter of its last block's memory remain)
/// @param ownBackward fully trained blocks with their own backward, which keeps less than half of
///   what autograd keeps; CPU only
/// @param recomputeEvery activation checkpointing: 0 none, 1 every block, k every k-th block
public record BlockExecution(boolean pooledLastBlock, boolean ownBackward, int recomputeEvery) {
  /// Every block in full, differentiated by autograd: the reference.
  public static final BlockExecution PLAIN = new BlockExecution(false, false, 0);

  /// The same, with every `blocks`-th block computed again in backward; 0 for none.
  public BlockExecution recomputing(int blocks) {
    return new BlockExecution(pooledLastBlock, ownBackward, blocks);
  }

  /// Whether a block keeps nothing but its input.
  public boolean recomputes(int layer) {
    return recomputeEvery > 0 && layer % recomputeEvery == 0;
  }

  Kernel kept(Kernel kernel, int layer) {
    return recomputes(layer) ? kernel.recomputed() : kernel;
  }
}
