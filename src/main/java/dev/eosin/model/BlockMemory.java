package dev.eosin.model;

import dev.eosin.nn.Dropout;
import dev.eosin.nn.LowRank;
import dev.eosin.nn.Transformer;
import java.util.Optional;

/// What one block keeps from its forward pass for its backward pass, in bytes, derived from what
/// the kernels save. b rows, n tokens, c hidden size, m MLP size.
///
/// @param kept from its forward to its backward pass, its input included
/// @param work alive at once while its backward pass runs, besides what is kept
/// @param forward alive at once while its forward pass runs, its input included
/// @param trained elements of its trained weights
public record BlockMemory(Kind kind, long kept, long work, long forward, long trained) {
  /// How a block is differentiated, which decides what it keeps.
  public enum Kind {
    FROZEN("not differentiated"),
    OWN_BACKWARD("own backward"),
    OWN_BACKWARD_RECOMPUTED("own backward, computed again"),
    AUTOGRAD("autograd"),
    RECOMPUTED("computed again"),
    ONE_TOKEN("last block, one token"),
    ONE_TOKEN_RECOMPUTED("last block, one token, computed again");

    private final String words;

    Kind(String words) {
      this.words = words;
    }

    /// For a person.
    public String words() {
      return words;
    }
  }

  /// What enters a block.
  ///
  /// @param rows b
  /// @param tokens n
  /// @param elementBytes of the compute type
  /// @param widensNorms whether a norm that autograd differentiates keeps its input in fp32, of its
  ///   own
  public record Rows(int rows, int tokens, int elementBytes, boolean widensNorms) {
    public static Rows of(StepLoad load, int tokens) {
      return new Rows(load.rows(), tokens, load.compute().bytes(), load.isNarrowOnCpu());
    }

    /// What norms of so many elements keep, whose inputs are kept besides.
    public long widened(long elementsOfToken) {
      return widensNorms ? (long) rows * tokens * elementsOfToken * Float.BYTES : 0;
    }

    /// What a norm keeps whose input is kept for nothing else.
    public long normed(long elementsOfToken) {
      return widensNorms ? widened(elementsOfToken) : bytes(elementsOfToken);
    }

    public long bytes(long elementsOfToken) {
      return (long) rows * tokens * elementsOfToken * elementBytes;
    }

    /// Of all heads: twice in the compute type, and a byte of the mask.
    public long probabilities(int heads) {
      return (long) rows * tokens * tokens * heads * (2 * elementBytes + 1);
    }

    /// One byte for each element.
    public long masks(long elementsOfToken) {
      return (long) rows * tokens * elementsOfToken;
    }

    public long imageBytes(long elementsOfRow) {
      return rows * elementsOfRow * elementBytes;
    }

    /// Means and reciprocal deviations of both norms, and the log sums of every head, in fp32.
    public long statistics(int heads) {
      return (long) rows * tokens * (heads + NORM_STATISTICS) * Float.BYTES;
    }

    public Rows of(int otherTokens) {
      return new Rows(rows, otherTokens, elementBytes, widensNorms);
    }
  }

  private static final int NORM_STATISTICS = 4;

  /// @param trained elements of its trained weights
  /// @param adapter low-rank pairs, where it has them
  public static BlockMemory of(
      Kind kind, Transformer tower, Rows shape, long trained, Optional<LowRank> adapter) {
    long c = tower.width();
    long m = tower.mlpWidth();
    // One norm's input is the block's, which is there anyway.
    long autograd = shape.bytes(autograd(tower, adapter) - c) + shape.widened(c) + shape.normed(c);
    // Attention with dropout keeps every probability before and after it; one byte of each mask.
    long masked =
        (tower.style().dropout().attention() > 0 ? shape.probabilities(tower.heads()) : 0)
            + (tower.style().dropout().hidden() > 0 ? shape.masks(2 * c) : 0);
    // The gradients of the MLP, of queries, keys and values twice, of attention and of both sums.
    long backward = 8 * c + m;
    // Input, norm, keys and values of all tokens, and queries where they are one product with an
    // adapter; the rest is one token's.
    long oneToken =
        shape.bytes((adapter.filter(LowRank::attention).isPresent() ? 5 : 4) * c)
            + shape.widened(c);
    // Input, sum, norm and result; the MLP before and after its activation.
    long forward = shape.bytes(4 * c + (tower.style().gated() ? 3 : 2) * m);
    return switch (kind) {
      case FROZEN -> new BlockMemory(kind, 0, 0, forward, trained);
      case OWN_BACKWARD -> {
        long kept = own(tower, shape) + bits(shape, tower, adapter);
        yield new BlockMemory(
            kind,
            kept,
            shape.bytes(backward) + shares(tower, shape) + unpacked(shape, tower, adapter),
            forward,
            trained);
      }
      case OWN_BACKWARD_RECOMPUTED -> {
        long kept = shape.bytes(c) + bits(shape, tower, adapter);
        long again = own(tower, shape) - shape.bytes(c) + shares(tower, shape);
        yield new BlockMemory(
            kind,
            kept,
            again + shape.bytes(backward) + unpacked(shape, tower, adapter),
            Math.max(forward, own(tower, shape)),
            trained);
      }
      case AUTOGRAD ->
          new BlockMemory(
              kind, autograd + masked, shape.bytes(backward) + masked, forward + masked, trained);
      case RECOMPUTED ->
          new BlockMemory(
              kind,
              shape.bytes(c),
              autograd + shape.bytes(backward - c) + 2 * masked,
              forward + masked,
              trained);
      case ONE_TOKEN -> new BlockMemory(kind, oneToken, oneToken, oneToken, trained);
      case ONE_TOKEN_RECOMPUTED ->
          new BlockMemory(kind, shape.bytes(c), 2 * oneToken - shape.bytes(c), oneToken, trained);
    };
  }

  /// What a block with its own backward keeps: input, queries keys values, attention, sum; the MLP
  /// before its activation.
  private static long own(Transformer tower, Rows shape) {
    long up = (tower.style().gated() ? 2L : 1L) * tower.mlpWidth();
    return shape.bytes(6L * tower.width() + up)
        + shape.statistics(tower.heads())
        + leftOut(tower, shape);
  }

  /// What dropout leaves out of both sums and of attention's shares, one byte for each element.
  private static long leftOut(Transformer tower, Rows shape) {
    Dropout dropout = tower.style().dropout();
    return (dropout.hidden() > 0 ? shape.masks(2L * tower.width()) : 0)
        + (dropout.attention() > 0 ? shape.masks(ofToken(tower, shape)) : 0);
  }

  /// Shares of attention, what dropout leaves of them, and their gradients, where a backward pass
  /// has them in full.
  private static long shares(Transformer tower, Rows shape) {
    return switch (tower.style().norms()) {
      case BEFORE -> 0;
      case AFTER -> 3 * shape.bytes(ofToken(tower, shape));
    };
  }

  /// Shares of all heads for one token.
  private static long ofToken(Transformer tower, Rows shape) {
    return (long) tower.heads() * shape.tokens();
  }

  /// What dropout leaves out before the pairs, one bit for each element.
  private static long bits(Rows shape, Transformer tower, Optional<LowRank> adapter) {
    return shape.masks(adapter.map(pairs -> dropped(tower, pairs)).orElse(0L)) / Byte.SIZE;
  }

  /// The same as bytes, twice while they are made, and the widest input without what is left out.
  private static long unpacked(Rows shape, Transformer tower, Optional<LowRank> adapter) {
    long elements = adapter.map(pairs -> dropped(tower, pairs)).orElse(0L);
    return elements == 0 ? 0 : 2 * shape.masks(elements) + shape.bytes(tower.mlpWidth());
  }

  /// Elements of a token that libtorch's own differentiation keeps.
  private static long autograd(Transformer tower, Optional<LowRank> adapter) {
    long c = tower.width();
    long m = tower.mlpWidth();
    // Input, norm, queries keys values, attention, sum, norm; the MLP before and after its
    // activation; factors of their own keep what they multiply.
    long all =
        8 * c
            + 2 * m
            + (tower.style().gated() ? 2 * m : 0)
            + (tower.style().layerScale().isPresent() ? 2 * c : 0);
    // A product with locked weights does not keep its input.
    long attention = adapter.isPresent() && !adapter.get().attention() ? c : 0;
    long mlp = adapter.isPresent() && !adapter.get().mlp() ? c + m : 0;
    return all - attention - mlp + adapter.map(pairs -> dropped(tower, pairs)).orElse(0L);
  }

  /// What enters the adapters after dropout, besides what enters the linears.
  private static long dropped(Transformer tower, LowRank pairs) {
    if (pairs.dropout() == 0) {
      return 0;
    }
    return (pairs.attention() ? 2L * tower.width() : 0)
        + (pairs.mlp() ? tower.width() + (long) tower.mlpWidth() : 0);
  }
}
