package dev.eosin.nn;

import dev.eosin.tensor.Kernel;
import java.util.Map;
import java.util.Optional;

/// How blocks are computed; none of it but the adapters changes a result beyond rounding.
///
/// @param pooledLastBlock the last block only for the token that is pooled (about 6 % of a tower's
///   work and a quarter of its last block's memory remain)
/// @param ownBackward blocks with their own backward, fully trained or with adapters beside locked
///   weights, which keeps about half of what autograd keeps; CPU only
/// @param recomputeEvery activation checkpointing: 0 none, 1 every block, k every k-th block
/// @param adapters low-rank adapters by the transformer's prefix, `image` or `text`; their weights
///   are in the parameters that the blocks compute with
/// @param dropout of what enters the adapters, in a training step of adapters that have it
public record BlockExecution(
    boolean pooledLastBlock,
    boolean ownBackward,
    int recomputeEvery,
    Map<String, LowRank> adapters,
    Optional<AdapterDropout> dropout) {
  /// Every block in full, differentiated by autograd: the reference.
  public static final BlockExecution PLAIN = new BlockExecution(false, false, 0);

  public BlockExecution {
    adapters = Map.copyOf(adapters);
  }

  /// Blocks without adapters.
  public BlockExecution(boolean pooledLastBlock, boolean ownBackward, int recomputeEvery) {
    this(pooledLastBlock, ownBackward, recomputeEvery, Map.of(), Optional.empty());
  }

  /// The same with adapters.
  public BlockExecution adapted(Map<String, LowRank> lowRank) {
    return new BlockExecution(pooledLastBlock, ownBackward, recomputeEvery, lowRank, dropout);
  }

  /// The same, with every `blocks`-th block computed again in backward; 0 for none.
  public BlockExecution recomputing(int blocks) {
    return new BlockExecution(pooledLastBlock, ownBackward, blocks, adapters, dropout);
  }

  /// The same for a step of training on these rows, or for all others where there is none.
  public BlockExecution dropping(Optional<AdapterDropout> rows) {
    return new BlockExecution(pooledLastBlock, ownBackward, recomputeEvery, adapters, rows);
  }

  /// Whether a block keeps nothing but its input.
  public boolean recomputes(int layer) {
    return recomputeEvery > 0 && layer % recomputeEvery == 0;
  }

  Kernel kept(Kernel kernel, int layer) {
    return recomputes(layer) ? kernel.recomputing() : kernel;
  }
}
