package dev.eosin.nn;

import dev.eosin.tensor.Kernel;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.Value;
import java.util.List;
import java.util.Optional;

/// A block with its norms before attention and MLP, as in CLIP's towers and timm's.
record PreNorm(Transformer stack, int layer) implements Block {
  private static final Kernel BLOCK = new Kernel("block");
  private static final Kernel BLOCK_POOLED = new Kernel("block_pooled");
  private static final Kernel BLOCK_LEAN = new Kernel("block_lean", 1, Kernel.Gradient.OWN);
  private static final Kernel BLOCK_FORWARD = new Kernel("block_forward");
  private static final Kernel BLOCK_ADAPTED = new Kernel("block_adapted");
  private static final Kernel BLOCK_LEAN_ADAPTED =
      new Kernel("block_lean_adapted", 1, Kernel.Gradient.OWN);
  private static final Kernel BLOCK_POOLED_LEAN =
      new Kernel("block_pooled_lean", 1, Kernel.Gradient.OWN);
  private static final Kernel BLOCK_POOLED_ADAPTED = new Kernel("block_pooled_adapted");

  @Override
  public Value all(Pass pass, Value x, Value... beside) {
    List<Parameter> p = stack.parameters(pass.parameters(), layer);
    BlockExecution execution = pass.execution();
    boolean fast = execution.ownBackward();
    if (Adapted.isIn(pass, stack)) {
      boolean locked = p.stream().noneMatch(Parameter::trainable);
      Kernel kernel = execution.kept(fast && locked ? BLOCK_LEAN_ADAPTED : BLOCK_ADAPTED, layer);
      return new Adapted(stack, layer).apply(pass, kernel, List.of(x), order());
    }
    double epsilon = stack.style().normEpsilon();
    boolean differentiated = pass.graph().differentiates(List.of(x), p);
    if (fast && (!differentiated || p.stream().allMatch(Parameter::trainable))) {
      Kernel kernel = differentiated ? execution.kept(BLOCK_LEAN, layer) : BLOCK_FORWARD;
      return pass.one(kernel, List.of(x), p, heads(), causal(), quick(), epsilon);
    }
    Kernel kernel = execution.kept(BLOCK, layer);
    return pass.one(
        kernel, List.of(x), p, List.of(), heads(), causal(), quick(), false, 1.0, epsilon);
  }

  @Override
  public Value one(Pass pass, Value x, Optional<Value> position, Value... beside) {
    List<Value> inputs = List.of(x, position.orElseThrow());
    if (Adapted.isIn(pass, stack)) {
      Kernel kernel = pass.execution().kept(BLOCK_POOLED_ADAPTED, layer);
      return new Adapted(stack, layer).apply(pass, kernel, inputs, order());
    }
    List<Parameter> p = stack.parameters(pass.parameters(), layer);
    double epsilon = stack.style().normEpsilon();
    if (pass.ownsBackward(inputs, p)) {
      Kernel kernel = pass.execution().kept(BLOCK_POOLED_LEAN, layer);
      return pass.one(kernel, inputs, p, heads(), causal(), quick(), epsilon);
    }
    return pass.one(
        pass.execution().kept(BLOCK_POOLED, layer),
        inputs,
        p,
        List.of(),
        heads(),
        causal(),
        quick(),
        1.0,
        epsilon);
  }

  /// What kernels are told of the block.
  private Object[] order() {
    return new Object[] {heads(), causal(), quick()};
  }

  private int heads() {
    return stack.heads();
  }

  private boolean causal() {
    return stack.causal();
  }

  private boolean quick() {
    return stack.activation().quick();
  }
}
