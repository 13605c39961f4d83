package dev.eosin.nn;

import dev.eosin.tensor.Kernel;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// A block with low-rank adapters, of either kind.
///
/// @param stack the block's
/// @param layer from 0
record Adapted(Transformer stack, int layer) {
  /// Whether a pass has adapters for the block.
  static boolean isIn(Pass pass, Transformer stack) {
    return pass.execution().adapters().containsKey(stack.prefix());
  }

  /// An adapted kernel on `x`, and on the bits of dropout behind it where the step has it.
  ///
  /// @param shape what this kernel is told of the block
  Value apply(Pass pass, Kernel kernel, List<Value> x, Object... shape) {
    BlockExecution execution = pass.execution();
    LowRank lowRank = Objects.requireNonNull(execution.adapters().get(stack.prefix()));
    Optional<Value> dropped =
        execution
            .dropout()
            .filter(rows -> lowRank.dropout() > 0)
            .map(rows -> pass.graph().adopt(bits(pass, rows, x.getFirst(), lowRank)));
    List<Value> inputs = new ArrayList<>(x);
    dropped.ifPresent(inputs::add);
    List<Object> constants = new ArrayList<>();
    constants.add(stack.names(layer).size());
    constants.add(lowRank.attention());
    constants.addAll(Arrays.asList(shape));
    constants.add(dropped.isPresent() ? lowRank.scaleOfRest() : lowRank.scale());
    constants.add(stack.style().normEpsilon());
    Value y = pass.one(kernel, inputs, weights(pass, lowRank), constants.toArray());
    dropped.ifPresent(pass::release);
    return y;
  }

  /// A block's own weights, then its pairs, as the adapted kernels take them.
  private List<Parameter> weights(Pass pass, LowRank lowRank) {
    List<Parameter> all = new ArrayList<>(stack.parameters(pass.parameters(), layer));
    for (String name : stack.adapted(layer, lowRank)) {
      all.addAll(pass.named(LowRank.down(name), LowRank.up(name)));
    }
    return all;
  }

  private Tensor bits(Pass pass, AdapterDropout rows, Value x, LowRank lowRank) {
    int width = stack.width();
    int inputs =
        (lowRank.attention() ? 2 * width : 0) + (lowRank.mlp() ? width + stack.mlpWidth() : 0);
    int tokens = Math.toIntExact(x.data().size(1));
    return rows.bits(pass.engine(), stack.prefix(), layer, tokens, inputs, lowRank.dropout());
  }
}
