package dev.eosin.export;

import dev.eosin.checkpoint.TensorData;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Gathers how far two graphs of a model differ behind each block, over several runs on the same
/// inputs.
final class BlockSums {
  /// Of squares.
  private static final class Sums {
    private double difference;
    private double length;
  }

  /// Which tokens of a row count.
  interface Counted {
    /// @param tokens of each row
    boolean counts(int row, int token, int tokens);
  }

  private final Map<String, Sums> blocks = new LinkedHashMap<>();

  /// @param block as it is marked; blocks stay in the order in which they first come
  /// @param found [b,n,c]
  /// @param wanted [b,n,c]
  void add(String block, TensorData found, TensorData wanted, Counted counted) {
    Sums sums = blocks.computeIfAbsent(block, _ -> new Sums());
    int b = wanted.shape().get(0).intValue();
    int n = wanted.shape().get(1).intValue();
    int c = Math.toIntExact(wanted.elements() / Math.max(1, (long) b * n));
    for (int row = 0; row < b; row++) {
      for (int token = 0; token < n; token++) {
        if (counted.counts(row, token, n)) {
          add(sums, found, wanted, ((long) row * n + token) * c, c);
        }
      }
    }
  }

  private static void add(Sums sums, TensorData found, TensorData wanted, long from, int width) {
    for (long at = from; at < from + width; at++) {
      double a = found.floatingAt(at);
      double b = wanted.floatingAt(at);
      sums.difference += (a - b) * (a - b);
      sums.length += b * b;
    }
  }

  BlockDrift drift() {
    List<BlockDrift.Block> found = new ArrayList<>();
    double before = 0;
    for (Map.Entry<String, Sums> block : blocks.entrySet()) {
      Sums sums = block.getValue();
      double error = BlockDrift.share(sums.difference, sums.length);
      found.add(new BlockDrift.Block(block.getKey(), error, error - before));
      before = error;
    }
    return new BlockDrift(found);
  }
}
