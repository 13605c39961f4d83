package dev.eosin.export;

import dev.eosin.checkpoint.TensorData;
import dev.eosin.clip.ClipStates;
import dev.eosin.onnx.OnnxModel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// How far what each block of a graph gives is from what the model's block gives.
///
/// @param blocks in the order in which they are computed
record BlockDrift(List<Block> blocks) {
  /// @param name as it is marked
  /// @param error length of the difference through the length of what the model gives, over all
  ///   tokens that count; NaN where one of its numbers is not finite
  /// @param grown how much more that is than before the block
  record Block(String name, double error, double grown) {}

  BlockDrift {
    blocks = List.copyOf(blocks);
  }

  /// Compares what was given.
  ///
  /// @param model whose marks name the outputs
  /// @param outputs of the graph with its marks
  /// @param states of the model
  /// @param lengths tokens of each row that count
  static BlockDrift of(
      OnnxModel model, Map<String, TensorData> outputs, ClipStates states, List<Integer> lengths) {
    List<Block> blocks = new ArrayList<>();
    double before = 0;
    for (Map.Entry<String, String> mark : model.marks().entrySet()) {
      TensorData wanted = states.states().get(mark.getKey());
      TensorData found = outputs.get(mark.getValue());
      if (wanted != null && found != null) {
        double error = error(found, wanted, states.pooled(), lengths);
        blocks.add(new Block(mark.getKey(), error, error - before));
        before = error;
      }
    }
    return new BlockDrift(blocks);
  }

  /// @param found [b,n,c], or [b,1,c] of the pooled tokens
  /// @param wanted [b,n,c]
  private static double error(
      TensorData found, TensorData wanted, List<Integer> pooled, List<Integer> lengths) {
    long n = wanted.shape().get(1);
    long c = wanted.shape().get(2);
    boolean one = found.shape().get(1) == 1 && n > 1;
    double difference = 0;
    double length = 0;
    for (int row = 0; row < pooled.size(); row++) {
      int first = one ? pooled.get(row) : 0;
      int last = one ? first + 1 : lengths.get(row);
      for (int token = first; token < last; token++) {
        for (long i = 0; i < c; i++) {
          double a = found.floatingAt((one ? row : row * n + token) * c + i);
          double b = wanted.floatingAt((row * n + token) * c + i);
          difference += (a - b) * (a - b);
          length += b * b;
        }
      }
    }
    return share(difference, length);
  }

  /// @param difference sum of squares
  /// @param length sum of squares of what is wanted
  /// @return NaN where something is not finite
  static double share(double difference, double length) {
    if (!Double.isFinite(difference)) {
      return Double.NaN;
    }
    return difference == 0 ? 0 : Math.sqrt(difference / length);
  }

  /// The block that adds the largest error, or the first whose numbers are not finite; empty where
  /// nothing was compared.
  Optional<Block> worst() {
    return blocks.stream()
        .filter(block -> Double.isNaN(block.error()))
        .findFirst()
        .or(() -> blocks.stream().max(Comparator.comparingDouble(Block::grown)));
  }

  /// What to say of a block.
  static String text(Block block) {
    return Double.isNaN(block.error())
        ? block.name() + " gives numbers that are not finite"
        : String.format(
            Locale.ROOT,
            "%s drifts most: its output is off by %.2e of its length, %.2e more than what enters it",
            block.name(),
            block.error(),
            block.grown());
  }
}
