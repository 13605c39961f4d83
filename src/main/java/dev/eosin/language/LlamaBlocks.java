package dev.eosin.language;

import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Pass;
import dev.eosin.tensor.Kernel;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The blocks of a [Llama] on one pass's rows: what all of them are told of the tokens, once.
///
/// @param model whose blocks they are
/// @param stack their names and adapters
/// @param pass where they are recorded
/// @param columns where tokens stand
/// @param beside what follows the tokens in the kernels' inputs: cosines, sines, a mask or nothing
record LlamaBlocks(
    Llama model, AdaptedBlocks stack, Pass pass, Columns columns, List<Value> beside) {
  private static final Kernel BLOCK = new Kernel("llama_block");
  private static final Kernel BLOCK_LEAN = new Kernel("llama_lean", 1, Kernel.Gradient.OWN);

  static LlamaBlocks open(Llama model, Pass pass, Columns columns) {
    List<Value> beside = new ArrayList<>();
    int width = columns.width();
    int rows = columns.starts().length;
    for (Tensor turn : model.turns(pass, columns.positions(0, width), rows)) {
      beside.add(pass.graph().adopt(turn));
    }
    columns
        .mask(pass.engine(), model.spec().window().orElse(0))
        .ifPresent(mask -> beside.add(pass.graph().adopt(mask)));
    return new LlamaBlocks(model, model.stack(), pass, columns, beside);
  }

  /// One block's states [b,n,c]; `x` is not released.
  Value apply(Value x, int layer) {
    List<Parameter> own = stack.own(pass, layer);
    boolean trained = own.stream().allMatch(Parameter::trainable);
    boolean uniform = trained || own.stream().noneMatch(Parameter::trainable);
    BlockExecution execution = pass.execution();
    Kernel kernel = execution.ownBackward() && uniform && model.wide(pass) ? BLOCK_LEAN : BLOCK;
    boolean again =
        execution.recomputes(layer)
            || kernel.gradient() == Kernel.Gradient.AUTOGRAD
                && stack.recomputesForInt8(pass, layer);
    List<Value> inputs = new ArrayList<>();
    inputs.add(x);
    inputs.addAll(beside);
    long[] segments = columns.segments(beside.size() > 2);
    Optional<Value> dropped = stack.dropped(pass, columns, layer);
    dropped.ifPresent(
        bits -> {
          if (inputs.size() == 3) {
            inputs.add(pass.graph().adopt(pass.engine().of(new float[0], 0)));
          }
          inputs.add(bits);
        });
    Value y =
        pass.one(
            again ? kernel.recomputing() : kernel,
            inputs,
            stack.parameters(pass, layer),
            model.spec().heads(),
            model.spec().groups(),
            model.spec().biased(),
            stack.kinds(pass, layer),
            stack.scales(layer, stack.dropping(pass)),
            trained,
            model.spec().normEpsilon(),
            segments);
    dropped.ifPresent(pass::release);
    return y;
  }

  void release() {
    beside.forEach(pass::release);
  }
}
