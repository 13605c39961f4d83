package dev.eosin.clip;

import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Transformer;
import dev.eosin.nn.Weight;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/// What one tower keeps from its forward pass for its backward pass, in bytes, derived from what
/// the kernels save. b rows, n tokens, c hidden size, m MLP size, h heads.
///
/// @param tokens of a row, n
/// @param before what is kept before the first block, the input included
/// @param blocks in the order of the forward pass
/// @param weights elements of all its weights
record TowerMemory(int tokens, long before, List<Block> blocks, long weights) {
  /// How a block is differentiated, which decides what it keeps.
  enum Kind {
    OWN_BACKWARD,
    AUTOGRAD,
    RECOMPUTED,
    ONE_TOKEN,
    ONE_TOKEN_RECOMPUTED
  }

  /// @param kept from its forward to its backward pass, its input included
  /// @param work alive at once while its backward pass runs, besides what is kept
  /// @param weights elements of its weights
  record Block(Kind kind, long kept, long work, long weights) {}

  /// Sizes that all blocks of a tower share.
  ///
  /// @param rows b
  /// @param tokens n
  /// @param elementBytes of the compute type
  record Rows(int rows, int tokens, int elementBytes) {
    long bytes(long elementsOfToken) {
      return (long) rows * tokens * elementsOfToken * elementBytes;
    }

    /// Means and reciprocal deviations of both norms, and the log sums of every head, in fp32.
    long statistics(int heads) {
      return (long) rows * tokens * (heads + NORM_STATISTICS) * FLOAT_BYTES;
    }
  }

  private static final int FLOAT_BYTES = 4;

  private static final int NORM_STATISTICS = 4;

  TowerMemory {
    blocks = List.copyOf(blocks);
  }

  static TowerMemory image(ClipSpec spec, BlockExecution execution, int rows, int elementBytes) {
    ClipSpec.Image image = spec.image();
    var shape = new Rows(rows, image.tokens(), elementBytes);
    // The pixels, and once more sorted into patches.
    long pixels = 2L * 3 * image.height() * image.width() * rows * elementBytes;
    return switch (ImageTower.of(spec)) {
      // The norm before the first block keeps its input.
      case VitTower vit ->
          of(
              vit.blocks(),
              vit.weights(),
              shape,
              pixels + shape.bytes(image.hiddenSize()),
              true,
              execution);
      case TimmTower timm ->
          of(
              timm.blocks(),
              timm.weights(),
              shape,
              pixels,
              timm.spec().pool() == TimmImage.Pool.CLASS_TOKEN,
              execution);
    };
  }

  /// @param tokens of the longest caption
  static TowerMemory text(
      ClipSpec spec, BlockExecution execution, int rows, int tokens, int elementBytes) {
    var shape = new Rows(rows, tokens, elementBytes);
    return switch (TextTower.of(spec)) {
      case CausalTower causal -> of(causal.blocks(), causal.weights(), shape, 0, true, execution);
      case BertTower bert ->
          of(
              bert.blocks(),
              bert.weights(),
              shape,
              shape.bytes(spec.text().hiddenSize()),
              bert.spec().pool() != BertText.Pool.MEAN,
              execution);
    };
  }

  private static TowerMemory of(
      Transformer tower,
      List<Weight> weights,
      Rows shape,
      long before,
      boolean pooled,
      BlockExecution execution) {
    long weightsOfBlock = elements(tower.weights()) / tower.layers();
    var blocks = new ArrayList<Block>();
    for (int layer = 0; layer < tower.layers(); layer++) {
      boolean oneToken = pooled && execution.pooledLastBlock() && layer == tower.layers() - 1;
      Kind kind = kind(tower, execution, layer, oneToken);
      blocks.add(block(kind, tower, shape, weightsOfBlock));
    }
    return new TowerMemory(shape.tokens, before, blocks, elements(weights));
  }

  private static Kind kind(
      Transformer tower, BlockExecution execution, int layer, boolean oneToken) {
    boolean again = execution.recomputes(layer);
    if (oneToken) {
      return again ? Kind.ONE_TOKEN_RECOMPUTED : Kind.ONE_TOKEN;
    }
    if (again) {
      return Kind.RECOMPUTED;
    }
    return execution.ownBackward() && tower.style().lean() ? Kind.OWN_BACKWARD : Kind.AUTOGRAD;
  }

  private static Block block(Kind kind, Transformer tower, Rows shape, long weights) {
    long c = tower.width();
    long m = tower.mlpWidth();
    // Input, norm, queries keys values, attention, sum, norm; the MLP before and after its
    // activation; factors of their own keep what they multiply.
    long autograd =
        8 * c
            + 2 * m
            + (tower.style().gated() ? 2 * m : 0)
            + (tower.style().layerScale().isPresent() ? 2 * c : 0);
    // The gradients of the MLP, of queries, keys and values twice, of attention and of both sums.
    long backward = 8 * c + m;
    // Input, norm, keys and values of all tokens; the rest is one token's.
    long oneToken = 4 * c;
    return switch (kind) {
      case OWN_BACKWARD -> {
        // Input, queries keys values, attention, sum; the MLP before its activation.
        long kept = shape.bytes(6 * c + m) + shape.statistics(tower.heads());
        yield new Block(kind, kept, shape.bytes(backward), weights);
      }
      case AUTOGRAD -> new Block(kind, shape.bytes(autograd), shape.bytes(backward), weights);
      case RECOMPUTED ->
          new Block(kind, shape.bytes(c), shape.bytes(autograd - c + backward), weights);
      case ONE_TOKEN -> new Block(kind, shape.bytes(oneToken), shape.bytes(oneToken), weights);
      case ONE_TOKEN_RECOMPUTED ->
          new Block(kind, shape.bytes(c), shape.bytes(2 * oneToken - c), weights);
    };
  }

  private static long elements(List<Weight> weights) {
    return weights.stream()
        .mapToLong(weight -> LongStream.of(weight.shape()).reduce(1, Math::multiplyExact))
        .sum();
  }

  /// Kept when the forward pass is done.
  long kept() {
    return before + blocks.stream().mapToLong(Block::kept).sum();
  }

  /// The largest sum of what is still kept, of a block's work and of the gradients made so far,
  /// over this tower's backward pass.
  ///
  /// @param summed whether the sums of gradients are there from the start: an earlier part of the
  ///   same step made them
  long backwardPeak(boolean summed) {
    long kept = kept();
    long gradients = summed ? weights * FLOAT_BYTES : 0;
    long peak = kept + gradients;
    for (Block block : blocks.reversed()) {
      long fresh = block.weights * FLOAT_BYTES;
      peak = Math.max(peak, kept + gradients + fresh + block.work);
      kept -= block.kept;
      gradients += summed ? 0 : fresh;
    }
    return Math.max(peak, kept + weights * FLOAT_BYTES);
  }

  /// For a person: how many blocks keep how much.
  String explain() {
    var lines = new ArrayList<String>();
    for (Kind kind : Kind.values()) {
      List<Block> alike = blocks.stream().filter(block -> block.kind == kind).toList();
      if (!alike.isEmpty()) {
        lines.add(
            "%d x %s (%s)"
                .formatted(alike.size(), MemoryPlan.size(alike.getFirst().kept), words(kind)));
      }
    }
    return "%d tokens; %s".formatted(tokens, String.join(", ", lines));
  }

  private static String words(Kind kind) {
    return switch (kind) {
      case OWN_BACKWARD -> "own backward";
      case AUTOGRAD -> "autograd";
      case RECOMPUTED -> "computed again";
      case ONE_TOKEN -> "last block, one token";
      case ONE_TOKEN_RECOMPUTED -> "last block, one token, computed again";
    };
  }
}
