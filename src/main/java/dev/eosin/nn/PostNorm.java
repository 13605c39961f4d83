package dev.eosin.nn;

import dev.eosin.tensor.DType;
import dev.eosin.tensor.Kernel;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A block with its norms after the sums, as in BERT: every token sees those that a mask names, and
/// a training step may drop a part of what attention and MLP add.
record PostNorm(Transformer stack, int layer) implements Block {
  /// Of one row's dropout: for the attention probabilities, what attention adds and what the MLP
  /// adds.
  static final int SEEDS = 3;

  private static final Kernel BLOCK_POST = new Kernel("block_post");
  private static final Kernel BLOCK_POST_ADAPTED = new Kernel("block_post_adapted");
  private static final Kernel BLOCK_POST_LEAN =
      new Kernel("block_post_lean", 1, Kernel.Gradient.OWN);

  @Override
  public Value all(Pass pass, Value x, Value... beside) {
    return apply(pass, x, beside, false);
  }

  /// For the first token.
  @Override
  public Value one(Pass pass, Value x, Optional<Value> position, Value... beside) {
    if (position.isPresent()) {
      throw new IllegalArgumentException("such a block is shortened to its first token alone");
    }
    return apply(pass, x, beside, true);
  }

  private Value apply(Pass pass, Value x, Value[] beside, boolean first) {
    List<Value> inputs = new ArrayList<>(List.of(x));
    inputs.addAll(List.of(beside));
    int site = 1 + SEEDS * layer;
    double hidden = stack.style().dropout().hidden();
    double attention = stack.style().dropout().attention();
    if (Adapted.isIn(pass, stack)) {
      if (beside.length == 1) { // the bits of the adapters' dropout stand behind the seeds
        inputs.add(pass.graph().adopt(pass.engine().zeros(DType.INT64, 0)));
      }
      Kernel kernel = pass.execution().kept(BLOCK_POST_ADAPTED, layer);
      return new Adapted(stack, layer)
          .apply(pass, kernel, inputs, stack.heads(), first, site, hidden, attention);
    }
    List<Parameter> p = stack.parameters(pass.parameters(), layer);
    if (!first && pass.ownsBackward(inputs, p)) {
      return pass.one(
          pass.execution().kept(BLOCK_POST_LEAN, layer),
          inputs,
          p,
          stack.heads(),
          site,
          hidden,
          attention,
          stack.style().normEpsilon());
    }
    return pass.one(
        pass.execution().kept(BLOCK_POST, layer),
        inputs,
        p,
        List.of(),
        stack.heads(),
        first,
        site,
        hidden,
        attention,
        1.0,
        stack.style().normEpsilon());
  }
}
