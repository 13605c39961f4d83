package dev.eosin.qformer;

import dev.eosin.nn.Pass;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import dev.eosin.tensor.Tensor;
import java.util.Optional;

/// What dropout leaves out of some rows, each row's own whatever stands beside it; nothing where
/// nothing is dropped. b rows.
///
/// @param seeds of each row's passes, one after the other `[b]`; none without dropout
/// @param each seeds of a row in one pass
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
public record AlignmentSeeds(long[][] seeds, int each) {
  /// No dropout.
  public static final AlignmentSeeds NONE = new AlignmentSeeds(new long[0][], 0);

  /// The passes of a step.
  enum Through {
    QUERIES,
    TEXT,
    BOTH,
    BOTH_OTHER_IMAGE,
    BOTH_OTHER_TEXT,
    CONTINUED
  }

  /// @param positions of the samples in the run `[b]`
  public static AlignmentSeeds of(RandomKey key, QFormer qformer, long... positions) {
    int each = qformer.dropoutSeeds();
    long[][] seeds = new long[positions.length][each * Through.values().length];
    for (int row = 0; row < seeds.length; row++) {
      RandomStream stream = key.stream(RandomKey.Purpose.QFORMER_DROPOUT, 0, positions[row]);
      for (int i = 0; i < seeds[row].length; i++) {
        seeds[row][i] = stream.nextLong();
      }
    }
    return new AlignmentSeeds(seeds, each);
  }

  /// int64 [k b,s] of k passes, one below the other; closed with the graph.
  Optional<Tensor> of(Pass pass, Through... through) {
    if (seeds.length == 0) {
      return Optional.empty();
    }
    int rows = through.length * seeds.length;
    long[] some = new long[rows * each];
    for (int row = 0; row < rows; row++) {
      int first = each * through[row / seeds.length].ordinal();
      System.arraycopy(seeds[row % seeds.length], first, some, row * each, each);
    }
    return Optional.of(pass.graph().adopt(pass.engine().of(some, rows, each)).data());
  }
}
